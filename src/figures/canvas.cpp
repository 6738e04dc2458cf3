#include "canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/figures/pose_figure.h"

namespace links {
namespace {

cairo_status_t Append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

std::string Extension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  if (extension != ".svg" && extension != ".png" && extension != ".pdf") {
    throw UsageError("expected a figure file that ends in .svg, .png or .pdf, found '", path, "'");
  }
  return extension;
}

double PngScale(Medium medium) {
  return medium == Medium::kScreen ? 2 : 300.0 / 72;
}

cairo_surface_t* MakeSurface(const std::string& extension, std::string* bytes, double width, double height,
                             Medium medium) {
  if (extension == ".pdf") return cairo_pdf_surface_create_for_stream(Append, bytes, width, height);
  if (extension == ".png") {
    return cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                      static_cast<int>(std::ceil(width * PngScale(medium))),
                                      static_cast<int>(std::ceil(height * PngScale(medium))));
  }
  cairo_surface_t* surface = cairo_svg_surface_create_for_stream(Append, bytes, width, height);
  cairo_svg_surface_set_document_unit(surface,
                                      medium == Medium::kScreen ? CAIRO_SVG_UNIT_PX : CAIRO_SVG_UNIT_PT);
  return surface;
}

}  // namespace

void CheckFigurePath(const std::string& path) {
  Extension(path);
  CheckWritable(path);
}

Canvas::Canvas(const std::string& path, double width, double height, Medium medium)
    : path_(path),
      extension_(Extension(path)),
      surface_(MakeSurface(extension_, &bytes_, width, height, medium)),
      context_(cairo_create(surface_.get())) {
  if (const cairo_status_t status = cairo_status(context_.get()); status != CAIRO_STATUS_SUCCESS) {
    throw Error("cannot make the figure '", path, "' of ", width, " x ", height, ": ",
                cairo_status_to_string(status));
  }
  if (extension_ == ".png") cairo_scale(context(), PngScale(medium), PngScale(medium));
  SetColor({1, 1, 1});
  cairo_paint(context());
}

void Canvas::Line(double x0, double y0, double x1, double y1, const Color& color, double width,
                  bool round_ends) {
  SetColor(color);
  cairo_set_line_width(context(), width);
  cairo_set_line_cap(context(), round_ends ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
  cairo_move_to(context(), x0, y0);
  cairo_line_to(context(), x1, y1);
  cairo_stroke(context());
}

void Canvas::Dash(double on, double off) {
  const double lengths[] = {on, off};
  cairo_set_dash(context(), lengths, 2, 0);
}

void Canvas::Solid() {
  cairo_set_dash(context(), nullptr, 0, 0);
}

void Canvas::Rectangle(double x, double y, double width, double height, const Color& color) {
  SetColor(color);
  cairo_rectangle(context(), x, y, width, height);
  cairo_fill(context());
}

void Canvas::Dot(double x, double y, double radius, const Color& color) {
  SetColor(color);
  cairo_new_path(context());
  cairo_arc(context(), x, y, radius, 0, 2 * std::numbers::pi);
  cairo_fill(context());
}

void Canvas::Ring(double x, double y, double radius, const Color& color) {
  Dot(x, y, radius, {1, 1, 1});
  SetColor(color);
  cairo_set_line_width(context(), radius / 2);
  cairo_arc(context(), x, y, radius, 0, 2 * std::numbers::pi);
  cairo_stroke(context());
}

double Canvas::TextWidth(const std::string& text, double size, bool bold) {
  cairo_select_font_face(context(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context(), size);
  cairo_text_extents_t extents;
  cairo_text_extents(context(), text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::Text(double x, double y, const std::string& text, double size, const Color& color, Align align,
                  bool bold, double max_width) {
  std::string shown = text;
  double width = TextWidth(shown, size, bold);
  std::string kept = text;
  while (max_width > 0 && width > max_width && !kept.empty()) {
    // A whole UTF-8 character: its continuation bytes are 10xxxxxx.
    while (kept.size() > 1 && (static_cast<unsigned char>(kept.back()) & 0xC0) == 0x80) kept.pop_back();
    kept.pop_back();
    shown = kept + "...";
    width = TextWidth(shown, size, bold);
  }
  if (align == Align::kCentre) x -= width / 2;
  if (align == Align::kRight) x -= width;
  SetColor(color);
  cairo_move_to(context(), x, y);
  cairo_show_text(context(), shown.c_str());
}

void Canvas::UpwardText(double x, double y, const std::string& text, double size, const Color& color) {
  cairo_save(context());
  cairo_translate(context(), x, y);
  cairo_rotate(context(), -std::numbers::pi / 2);
  Text(0, 0, text, size, color, Align::kCentre);
  cairo_restore(context());
}

std::string Canvas::Finish() {
  cairo_status_t status = cairo_status(context());
  context_.reset();
  if (extension_ == ".png" && status == CAIRO_STATUS_SUCCESS) {
    status = cairo_surface_write_to_png_stream(surface_.get(), Append, &bytes_);
  }
  cairo_surface_finish(surface_.get());
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface_.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw Error("cannot draw the figure '", path_, "': ", cairo_status_to_string(status));
  }
  return bytes_;
}

void Canvas::Save() {
  WriteFileAtomically(path_, Finish());
}

void Canvas::SetColor(const Color& color) {
  cairo_set_source_rgb(context(), color.red, color.green, color.blue);
}

}  // namespace links

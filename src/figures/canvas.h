#pragma once

#include <cairo.h>

#include <memory>
#include <string>

namespace links {

struct Color {
  double red, green, blue;
};

// Okabe and Ito's palette, which colour-blind readers can tell apart.
inline constexpr Color kBlue = {0.0, 0.447, 0.698};
inline constexpr Color kVermilion = {0.835, 0.369, 0.0};
inline constexpr Color kGreen = {0.0, 0.62, 0.451};
inline constexpr Color kPurple = {0.8, 0.475, 0.655};
inline constexpr Color kSky = {0.337, 0.706, 0.914};
inline constexpr Color kOrange = {0.902, 0.624, 0.0};
inline constexpr Color kInk = {0.2, 0.2, 0.22};
inline constexpr Color kGrey = {0.45, 0.45, 0.48};
inline constexpr Color kFaint = {0.86, 0.86, 0.88};

enum class Align { kLeft, kCentre, kRight };

/// What a unit of a page is: a pixel of a screen (2 x 2 in a PNG), or a point of 1/72 inch (300 dpi in a
/// PNG).
enum class Medium { kScreen, kPrint };

/// A white page of `width` x `height` units, kept in memory until Save.
class Canvas {
 public:
  /// Throws UsageError when the extension of `path` is none of .svg, .png and .pdf.
  Canvas(const std::string& path, double width, double height, Medium medium = Medium::kScreen);

  cairo_t* context() const { return context_.get(); }

  void Line(double x0, double y0, double x1, double y1, const Color& color, double width,
            bool round_ends = false);
  /// Strokes of lengths `on` and `off` from here on; Solid() ends it.
  void Dash(double on, double off);
  void Solid();
  void Rectangle(double x, double y, double width, double height, const Color& color);
  void Dot(double x, double y, double radius, const Color& color);
  /// A hollow dot: white within.
  void Ring(double x, double y, double radius, const Color& color);
  /// Text with its baseline at y. With `max_width`, what does not fit is cut and ends in "...".
  void Text(double x, double y, const std::string& text, double size, const Color& color,
            Align align = Align::kLeft, bool bold = false, double max_width = 0);
  /// Text that reads upwards, centred at (x, y).
  void UpwardText(double x, double y, const std::string& text, double size, const Color& color);
  double TextWidth(const std::string& text, double size, bool bold = false);

  /// Ends the drawing: the bytes of the file, or the file itself, whole or not at all.
  std::string Finish();
  void Save();

 private:
  struct Release {
    void operator()(cairo_t* context) const { cairo_destroy(context); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };

  void SetColor(const Color& color);

  std::string path_;
  std::string extension_;
  std::string bytes_;  // declared before the surface, which writes here until it is destroyed
  std::unique_ptr<cairo_surface_t, Release> surface_;
  std::unique_ptr<cairo_t, Release> context_;
};

}  // namespace links

#include "links/figures/overlay.h"

#include <cairo.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numbers>

#include "canvas.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/skeleton/units.h"
#include "side_color.h"

namespace links {
namespace {

namespace fs = std::filesystem;

/// A picture that cairo draws on.
class Surface {
 public:
  explicit Surface(const Picture& picture)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height)),
        context_(cairo_create(surface_.get())) {
    if (cairo_status(context_.get()) != CAIRO_STATUS_SUCCESS)
      throw Error("cannot draw on a picture of ", picture.width, " x ", picture.height);
    ForEachPixel(picture.width, picture.height, [&](uint32_t& pixel, size_t at) {
      const auto byte = [&](size_t k) { return uint32_t{static_cast<unsigned char>(picture.rgb[at + k])}; };
      pixel = byte(0) << 16 | byte(1) << 8 | byte(2);
    });
    cairo_surface_mark_dirty(surface_.get());
  }

  void CopyTo(Picture& picture) {
    cairo_surface_flush(surface_.get());
    ForEachPixel(picture.width, picture.height, [&](const uint32_t& pixel, size_t at) {
      for (size_t k = 0; k < 3; ++k) picture.rgb[at + k] = static_cast<char>(pixel >> (16 - 8 * k) & 0xff);
    });
  }

  void SavePng(const std::string& file) {
    const cairo_status_t status = cairo_surface_write_to_png(surface_.get(), file.c_str());
    if (status != CAIRO_STATUS_SUCCESS)
      throw Error("cannot write '", file, "': ", cairo_status_to_string(status));
  }

  cairo_t* context() const { return context_.get(); }

 private:
  struct Release {
    void operator()(cairo_t* context) const { cairo_destroy(context); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };

  template <class Do>
  void ForEachPixel(int width, int height, const Do& what) {
    unsigned char* rows = cairo_image_surface_get_data(surface_.get());
    const int stride = cairo_image_surface_get_stride(surface_.get());
    for (int y = 0; y < height; ++y) {
      auto* row = reinterpret_cast<uint32_t*>(rows + static_cast<ptrdiff_t>(y) * stride);
      for (int x = 0; x < width; ++x)
        what(row[x], 3 * (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)));
    }
  }

  std::unique_ptr<cairo_surface_t, Release> surface_;
  std::unique_ptr<cairo_t, Release> context_;
};

void Paint(cairo_t* context, const Color& color, double width) {
  cairo_set_source_rgb(context, color.red, color.green, color.blue);
  cairo_set_line_width(context, width);
  cairo_stroke_preserve(context);
}

constexpr Color kWhite = {1, 1, 1};
constexpr double kThinnest = 1.5, kThickest = 10;  // bones, px
constexpr double kWidthOfScale = .025;             // of a bone, of the distance from head to root

}  // namespace

Overlay::Overlay(const std::string& path, double fps)
    : path_(path), fps_(fps), is_video_(fs::path(path).extension() == ".mp4") {
  if (is_video_) {
    CheckWritable(path);
    return;
  }
  std::error_code unknown;
  if (fs::exists(path, unknown))
    throw Error(path,
                ": expected a folder that is not there yet, or a name ending in .mp4, found that it exists");
  if (fs::path(path).has_extension() && !fs::path(path).stem().empty())
    throw UsageError("expected a folder or a name ending in .mp4, found '", path, "'");
  CheckWritable(path);
}

void Overlay::Add(const LiftedFrame& frame) {
  frames_.push_back({frame.index, frame.image});
  std::vector<Person>& people = people_.emplace_back();
  for (const LiftedPerson& person : frame.people) {
    if (!person.unusable.empty()) continue;
    Person& shown = people.emplace_back();
    shown.scale_px = static_cast<float>(person.scale_px);
    for (int j = 0; j < kJoints; ++j) {
      const double* at = &person.joints[3 * j];
      shown.guessed[j] = person.states[j] == JointState::kGuessed;
      for (int k = 0; k < 2; ++k) {
        const double units = at[k] / std::max(at[2] + kRootDepth, 1.);
        const double projected = person.root_px[k] + ToPixels(units, person.scale_px);
        shown.px[2 * j + k] = shown.guessed[j] ? static_cast<float>(projected) : person.px[2 * j + k];
      }
    }
  }
}

void Overlay::Draw(const Video& video) const {
  if (is_video_) {
    WriteFileAtomically(path_, [&](const std::string& file) {
      VideoWriter writer(file, path_, fps_);
      video.ForEach(frames_, [&](size_t frame, const Picture& picture) {
        Picture drawn = picture;
        Surface surface(picture);
        DrawPeople(surface.context(), people_[frame]);
        surface.CopyTo(drawn);
        writer.Write(drawn);
      });
      writer.Finish();
    });
    return;
  }
  const std::string folder = Concat(path_, ".", ::getpid(), ".partial");
  struct Removed {
    std::string folder;
    ~Removed() {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
    }
  } const removed{folder};
  fs::remove_all(folder);
  fs::create_directory(folder);
  size_t count = 0;
  video.ForEach(frames_, [&](size_t frame, const Picture& picture) {
    Surface surface(picture);
    DrawPeople(surface.context(), people_[frame]);
    char name[48];
    std::snprintf(name, sizeof name, "/frame_%06lld.png", static_cast<long long>(frames_[frame].index));
    surface.SavePng(folder + name);
    ++count;
  });
  if (count == 0) throw Error(video.path(), ": expected a picture for one of the frames, found none");
  fs::rename(folder, path_);
}

void Overlay::DrawPeople(cairo_t* context, const std::vector<Person>& people) {
  cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND);
  for (const Person& person : people) {
    const double width = std::clamp(kWidthOfScale * person.scale_px, kThinnest, kThickest);
    const auto x = [&](int joint) { return static_cast<double>(person.px[2 * joint]); };
    const auto y = [&](int joint) { return static_cast<double>(person.px[2 * joint + 1]); };
    for (const auto& [parent, child] : kBoneList) {
      cairo_new_path(context);
      cairo_move_to(context, x(parent), y(parent));
      cairo_line_to(context, x(child), y(child));
      Paint(context, kWhite, 1.6 * width);
      const double dashes[] = {.1, 2.5 * width};
      if (person.guessed[parent] || person.guessed[child]) cairo_set_dash(context, dashes, 2, 0);
      Paint(context, SideColor(child), width);
      cairo_set_dash(context, nullptr, 0, 0);
    }
    for (int joint = 0; joint < kJoints; ++joint) {
      cairo_new_path(context);
      cairo_arc(context, x(joint), y(joint), 1.1 * width, 0, 2 * std::numbers::pi);
      const Color inside = person.guessed[joint] ? kWhite : SideColor(joint);
      cairo_set_source_rgb(context, inside.red, inside.green, inside.blue);
      cairo_fill_preserve(context);
      Paint(context, person.guessed[joint] ? SideColor(joint) : kWhite, .4 * width);
    }
  }
  cairo_new_path(context);
}

}  // namespace links

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace links {

/// A picture in memory, rows from the top, 3 bytes a pixel: red, green, blue.
struct Picture {
  int width = 0, height = 0;
  std::string rgb;
};

/// What a detector's file says of a frame: its number and the name of its image.
struct FrameName {
  int64_t index = 0;
  std::string image;
};

/// The pictures that a detector saw: a video, whose first picture has the number `first`, or a folder of
/// pictures. In a folder a frame's picture is the one of the same name (without folders and extension), else
/// the one whose last number is the frame's. ffmpeg reads them; it is started without a shell, and reads
/// nothing but these files.
class Video {
 public:
  /// Throws Error where there is no ffmpeg, no such file or folder, or no picture in it.
  Video(const std::string& path, int64_t first);

  struct Jpeg {
    size_t frame = 0;           ///< place among the frames asked for
    int width = 0, height = 0;  ///< of the picture itself; the JPEG may be smaller
    std::string bytes;
  };

  /// The frames' pictures as JPEG with sides of at most `side` pixels, together of at most `most_bytes`:
  /// where they would be more, every second, third, ... of them alone. Throws Error where none of the frames
  /// has a picture, and for what ffmpeg says.
  std::vector<Jpeg> Jpegs(const std::vector<FrameName>& frames, int side, size_t most_bytes) const;

  /// The frames' pictures one after the other, whole; those without one are passed over. Of a video, the
  /// frames rise.
  void ForEach(const std::vector<FrameName>& frames,
               const std::function<void(size_t frame, const Picture&)>& take) const;

  /// The rate that a video states, by ffprobe; none of a folder, and where nothing states one.
  std::optional<double> FramesPerSecond() const;

  const std::string& path() const { return path_; }

 private:
  std::vector<std::string> Command(const std::string& file) const;
  std::string FileOf(const FrameName& frame) const;
  std::vector<Jpeg> VideoJpegs(const std::vector<FrameName>& frames, const std::string& scale,
                               const std::string& folder) const;
  std::vector<Jpeg> FolderJpegs(const std::vector<FrameName>& frames, const std::string& scale,
                                const std::string& folder) const;

  std::string path_, ffmpeg_;
  int64_t first_;
  bool is_folder_ = false;
  std::map<std::string, std::string> by_name_;  // of a folder
  std::map<int64_t, std::string> by_number_;
};

/// Makes an MP4 of pictures, all of the first one's size, through ffmpeg.
class VideoWriter {
 public:
  /// `name` stands for the file in messages. Throws Error where there is no ffmpeg.
  VideoWriter(const std::string& file, const std::string& name, double fps);
  ~VideoWriter();
  void Write(const Picture& picture);
  void Finish();

 private:
  struct Encoder;
  std::unique_ptr<Encoder> encoder_;
};

/// Throws Error: one sentence that says how to come by ffmpeg. Returns where it is.
std::string FindFfmpeg();

}  // namespace links

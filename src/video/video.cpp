#include "links/video/video.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/video/program.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostJpegs = 2000;
constexpr int kMostSide = 16384;
constexpr double kLeastRate = .01, kMostRate = 1e4;  // frames a second
constexpr std::array<const char*, 8> kExtensions = {".jpg", ".jpeg", ".png",  ".bmp",
                                                    ".tif", ".tiff", ".webp", ".ppm"};

bool IsPicture(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

/// The last number in a name; -1 = none.
int64_t LastNumber(const std::string& name) {
  const auto is_digit = [](unsigned char letter) { return std::isdigit(letter) != 0; };
  const auto end = std::find_if(name.rbegin(), name.rend(), is_digit).base();
  const auto begin = std::find_if_not(std::make_reverse_iterator(end), name.rend(), is_digit).base();
  int64_t number = -1;
  std::from_chars(name.data() + (begin - name.begin()), name.data() + (end - name.begin()), number);
  return number;
}

/// A folder of its own, removed with everything in it.
class Workspace {
 public:
  Workspace() : path_((fs::temp_directory_path() / "links-video-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw Error("cannot make the folder '", path_, "'");
  }
  ~Workspace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Width and height from what ffmpeg's framecrc says: "#dimensions 0: 640x480".
bool ParseDimensions(const std::string& text, int& width, int& height) {
  const size_t at = text.find("#dimensions 0: ");
  return at != std::string::npos &&
         std::sscanf(text.c_str() + at, "#dimensions 0: %dx%d", &width, &height) == 2;
}

/// The next picture of a stream of PPMs; false at its end.
bool ReadPicture(Program& program, Picture& picture) {
  // "P6\nWIDTH HEIGHT\n255\n"
  std::string header;
  for (char letter; std::count(header.begin(), header.end(), '\n') < 3;) {
    if (program.Read(&letter, 1) == 0) return false;
    header += letter;
    if (header.size() > 64) throw Error("expected pictures from ffmpeg, found something else");
  }
  int most = 0;
  if (std::sscanf(header.c_str(), "P6 %d %d %d", &picture.width, &picture.height, &most) != 3 ||
      most != 255 || picture.width < 1 || picture.height < 1 || picture.width > kMostSide ||
      picture.height > kMostSide) {
    throw Error("expected pictures of 8 bits and at most ", kMostSide, " pixels a side, found others");
  }
  picture.rgb.resize(size_t{3} * static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height));
  return program.Read(picture.rgb.data(), picture.rgb.size()) == picture.rgb.size();
}

const std::vector<std::string> kToPpm = {"-fps_mode",  "passthrough", "-pix_fmt", "rgb24", "-f",
                                         "image2pipe", "-c:v",        "ppm",      "-"};

std::vector<std::string> operator+(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

std::string FindFfmpeg() {
  std::string found = FindProgram("ffmpeg");
  if (found.empty())
    throw Error("expected ffmpeg for pictures (apt-get install ffmpeg), found no such program in $PATH");
  return found;
}

Video::Video(const std::string& path, int64_t first) : path_(path), ffmpeg_(FindFfmpeg()), first_(first) {
  std::error_code unknown;
  is_folder_ = fs::is_directory(path, unknown);
  if (!is_folder_) {
    const PlainFile readable(path);
    return;
  }
  for (const auto& entry : fs::directory_iterator(path)) {
    if (!IsPicture(entry.path())) continue;
    const std::string file = entry.path().string();
    by_name_[entry.path().stem().string()] = file;
    if (const int64_t number = LastNumber(entry.path().stem().string()); number >= 0)
      by_number_[number] = file;
  }
  if (by_name_.empty()) throw Error(path, ": expected pictures (.jpg, .png, ...) in the folder, found none");
}

std::vector<std::string> Video::Command(const std::string& file) const {
  // `file:` and the list of protocols keep names and playlists from meaning anything but files, and the
  // pattern keeps the % of a picture's name.
  std::vector<std::string> words = {ffmpeg_,    "-nostdin", "-loglevel", "error", "-protocol_whitelist",
                                    "file,pipe"};
  if (is_folder_) words = words + std::vector<std::string>{"-f", "image2", "-pattern_type", "none"};
  return words + std::vector<std::string>{"-i", "file:" + file};
}

std::optional<double> Video::FramesPerSecond() const {
  const std::string ffprobe = FindProgram("ffprobe");
  if (is_folder_ || ffprobe.empty()) return std::nullopt;
  Program program({ffprobe, "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-select_streams",
                   "v:0", "-show_entries", "stream=avg_frame_rate", "-of", "csv=p=0", "file:" + path_});
  const std::string text = program.ReadAll();  // "30000/1001"
  program.Finish();
  double frames = 0, seconds = 0;
  if (std::sscanf(text.c_str(), "%lf/%lf", &frames, &seconds) != 2) return std::nullopt;
  const double rate = frames / seconds;
  return rate >= kLeastRate && rate <= kMostRate ? std::optional(rate) : std::nullopt;
}

std::string Video::FileOf(const FrameName& frame) const {
  const fs::path image(frame.image);
  for (const std::string& name : {image.filename().string(), image.stem().string()}) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  }
  const auto found = by_number_.find(frame.index);
  return found != by_number_.end() ? found->second : "";
}

std::vector<Video::Jpeg> Video::VideoJpegs(const std::vector<FrameName>& frames, const std::string& scale,
                                           const std::string& folder) const {
  // Every `step`-th from the first frame's on.
  const int64_t from = std::max<int64_t>(frames.front().index - first_, 0), to = frames.back().index - first_;
  const int64_t step = std::max<int64_t>(1, (to - from) / kMostJpegs + 1);
  const std::string choice =
      Concat("select=between(n\\,", from, "\\,", to, ")*not(mod(n-", from, "\\,", step, ")),");
  Program program(Command(path_) +
                  std::vector<std::string>{"-map", "0:v:0", "-fps_mode", "passthrough", "-vf", choice + scale,
                                           "-q:v", "5", "-frames:v",
                                           std::to_string(std::max<int64_t>(to - from, 0) / step + 1),
                                           Concat("file:", folder, "/%08d.jpg"), "-map", "0:v:0", "-frames:v",
                                           "1", "-f", "framecrc", "-"});
  Jpeg jpeg;
  const bool sized = ParseDimensions(program.ReadAll(), jpeg.width, jpeg.height);
  program.Finish();
  if (!sized) throw Error(path_, ": expected pictures in the video, found none");
  std::map<int64_t, size_t> places;
  for (size_t frame = 0; frame < frames.size(); ++frame) places[frames[frame].index - first_] = frame;
  std::vector<Jpeg> jpegs;
  for (int64_t n = 0;; ++n) {
    char name[32];
    std::snprintf(name, sizeof name, "/%08lld.jpg", static_cast<long long>(n) + 1);
    if (!fs::exists(folder + name)) return jpegs;
    const auto place = places.find(from + n * step);
    if (place == places.end()) continue;
    jpeg.frame = place->second;
    jpeg.bytes = ReadFile(folder + name);
    jpegs.push_back(jpeg);
  }
}

std::vector<Video::Jpeg> Video::FolderJpegs(const std::vector<FrameName>& frames, const std::string& scale,
                                            const std::string& folder) const {
  std::vector<Jpeg> jpegs;
  const size_t step = (frames.size() - 1) / kMostJpegs + 1;
  for (size_t frame = 0; frame < frames.size(); frame += step) {
    const std::string file = FileOf(frames[frame]);
    if (file.empty()) continue;
    const std::string small = folder + "/small.jpg";
    Program program(Command(file) + std::vector<std::string>{"-map", "0:v:0", "-frames:v", "1", "-vf", scale,
                                                             "-q:v", "5", "-update", "1", "-y",
                                                             "file:" + small, "-map", "0:v:0", "-frames:v",
                                                             "1", "-f", "framecrc", "-"});
    Jpeg jpeg;
    jpeg.frame = frame;
    const bool sized = ParseDimensions(program.ReadAll(), jpeg.width, jpeg.height);
    program.Finish();
    if (!sized) throw Error(file, ": expected a picture, found none");
    jpeg.bytes = ReadFile(small);
    jpegs.push_back(std::move(jpeg));
  }
  return jpegs;
}

std::vector<Video::Jpeg> Video::Jpegs(const std::vector<FrameName>& frames, int side,
                                      size_t most_bytes) const {
  if (frames.empty()) throw Error(path_, ": expected frames to take pictures of, found none");
  const Workspace workspace;
  const std::string scale = Concat("scale=w=min(iw\\,", side, "):h=min(ih\\,", side,
                                   "):force_original_aspect_ratio=decrease:out_range=full,format=yuvj420p");
  std::vector<Jpeg> jpegs =
      is_folder_ ? FolderJpegs(frames, scale, workspace.path()) : VideoJpegs(frames, scale, workspace.path());
  if (jpegs.empty()) {
    throw Error(path_, ": expected a picture for one of the frames ", frames.front().index, " to ",
                frames.back().index, ", found none");
  }
  size_t bytes = 0;
  for (const Jpeg& jpeg : jpegs) bytes += jpeg.bytes.size();
  const size_t step = (bytes - 1) / most_bytes + 1;
  std::vector<Jpeg> kept;
  for (size_t i = 0; i < jpegs.size(); i += step) kept.push_back(std::move(jpegs[i]));
  return kept;
}

void Video::ForEach(const std::vector<FrameName>& frames,
                    const std::function<void(size_t frame, const Picture&)>& take) const {
  Picture picture;
  if (is_folder_) {
    for (size_t frame = 0; frame < frames.size(); ++frame) {
      const std::string file = FileOf(frames[frame]);
      if (file.empty()) continue;
      Program program(Command(file) + std::vector<std::string>{"-map", "0:v:0", "-frames:v", "1"} + kToPpm);
      const bool read = ReadPicture(program, picture);
      program.Finish();
      if (!read) throw Error(file, ": expected a picture, found none");
      take(frame, picture);
    }
    return;
  }
  if (frames.empty()) return;
  const int64_t from = std::max<int64_t>(frames.front().index - first_, 0);
  const int64_t to = frames.back().index - first_;
  const std::string choice = Concat("select=between(n\\,", from, "\\,", to, ")");
  Program program(Command(path_) +
                  std::vector<std::string>{"-map", "0:v:0", "-vf", choice, "-frames:v",
                                           std::to_string(std::max<int64_t>(to - from, 0) + 1)} +
                  kToPpm);
  size_t next = 0;
  for (int64_t n = from; ReadPicture(program, picture); ++n) {
    while (next < frames.size() && frames[next].index - first_ < n) ++next;
    if (next < frames.size() && frames[next].index - first_ == n) take(next, picture);
  }
  program.Finish();
}

struct VideoWriter::Encoder {
  std::string name;
  Program program;
  int width = 0, height = 0;
};

VideoWriter::VideoWriter(const std::string& file, const std::string& name, double fps)
    : encoder_(new Encoder{name, Program({FindFfmpeg(),
                                          "-loglevel",
                                          "error",
                                          "-f",
                                          "image2pipe",
                                          "-framerate",
                                          Concat(fps),
                                          "-c:v",
                                          "ppm",
                                          "-i",
                                          "-",
                                          "-vf",
                                          "pad=w=ceil(iw/2)*2:h=ceil(ih/2)*2",
                                          "-c:v",
                                          "libx264",
                                          "-pix_fmt",
                                          "yuv420p",
                                          "-crf",
                                          "20",
                                          "-preset",
                                          "veryfast",
                                          "-movflags",
                                          "+faststart",
                                          "-f",
                                          "mp4",
                                          "-y",
                                          "file:" + file})}) {}

VideoWriter::~VideoWriter() = default;

void VideoWriter::Write(const Picture& picture) {
  if (encoder_->width == 0) {
    encoder_->width = picture.width;
    encoder_->height = picture.height;
  }
  if (picture.width != encoder_->width || picture.height != encoder_->height) {
    throw Error(encoder_->name, ": expected pictures of one size for a video, ", encoder_->width, " x ",
                encoder_->height, ", found ", picture.width, " x ", picture.height, "; a folder takes any");
  }
  encoder_->program.Write(Concat("P6\n", picture.width, " ", picture.height, "\n255\n"));
  encoder_->program.Write(picture.rgb);
}

void VideoWriter::Finish() {
  if (encoder_->width == 0) throw Error(encoder_->name, ": expected pictures for a video, found none");
  encoder_->program.Finish();
}

}  // namespace links

#include "links/data/asf_amc.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <numbers>
#include <optional>
#include <string_view>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "words.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr double kInchMm = 25.4;
constexpr double kLeastUnit = 1e-4, kMostUnit = 1e4;  // `length` of :units
constexpr double kUnitVector = 1e-2;                  // by how much a direction's length may miss 1
constexpr double kDegrees = 180 / std::numbers::pi;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return lower;
}

/// Lines that hold something, and no comment.
bool NextLine(Words& words, std::string_view& first) {
  while (words.NextLine()) {
    first = words.NextOnLine();
    if (first[0] != '#') return true;
    words.RestOfLine('\n');
  }
  return false;
}

double NumberOnLine(Words& words, const std::string& expected) {
  const std::string_view word = words.NextOnLine();
  if (word.empty()) words.Fail(expected, "the end of the line");
  return words.ToNumber(word, expected);
}

void EndOfLine(Words& words, const std::string& expected) {
  if (const auto more = words.NextOnLine(); !more.empty()) words.Fail(expected, Words::Quote(more));
}

Eigen::Vector3d ThreeNumbers(Words& words, const std::string& expected) {
  Eigen::Vector3d vector;
  for (double& value : vector) value = NumberOnLine(words, expected);
  return vector;
}

struct Bone {
  std::string name;
  std::optional<Eigen::Vector3d> direction;
  std::optional<double> length;  ///< file units
  Eigen::Vector3d axis = Eigen::Vector3d::Zero();
  std::string axis_order = "xyz";
  std::vector<MocapChannel> dof;  ///< as the file lists them
  std::vector<int> children;
  bool has_parent = false;
};

class AsfParser {
 public:
  AsfParser(const std::string& text, const std::string& origin) : words_(text, origin) {
    skeleton_.clip.path = origin;
    bones_.emplace_back().name = "root";
  }

  AsfSkeleton Parse() {
    std::string section;
    for (std::string_view word; NextLine(words_, word);) {
      if (word[0] == ':') {
        section = Lower(word);
        if (section == ":skin") break;  // it comes last, and is none of ours
        words_.RestOfLine('\n');
      } else if (section == ":units") {
        Units(word);
      } else if (section == ":root") {
        Root(word);
      } else if (section == ":bonedata") {
        BoneData(word);
      } else if (section == ":hierarchy") {
        Hierarchy(word);
      } else if (section.empty()) {
        words_.Fail("a section of an ASF file (:units, :root, :bonedata, :hierarchy)", Words::Quote(word));
      } else {
        words_.RestOfLine('\n');
      }
    }
    if (in_bone_) words_.Fail("the end of a bone", "the end of the file");
    return Assemble();
  }

 private:
  void Units(std::string_view word) {
    const std::string key = Lower(word);
    if (key == "length") {
      const double length = NumberOnLine(words_, "the number of a unit of length");
      if (!(length >= kLeastUnit && length <= kMostUnit))
        words_.Fail(Concat("a unit of length of ", kLeastUnit, " to ", kMostUnit), Concat(length));
      skeleton_.unit_mm = kInchMm / length;
    } else if (key == "angle") {
      const std::string_view unit = words_.NextOnLine();
      const std::string angle = Lower(unit).substr(0, 3);
      if (angle != "deg" && angle != "rad") words_.Fail("deg or rad", Words::Quote(unit));
      skeleton_.radians = angle == "rad";
    }
    words_.RestOfLine('\n');
  }

  void Root(std::string_view word) {
    const std::string key = Lower(word);
    if (key == "order") {
      bones_[0].dof = Channels(true);
    } else if (key == "axis") {
      bones_[0].axis_order = AxisOrder(words_.NextOnLine());
    } else if (key == "position") {
      root_position_ = ThreeNumbers(words_, "three numbers of a position");
    } else if (key == "orientation") {
      bones_[0].axis = ThreeNumbers(words_, "three angles of an orientation");
    }
    words_.RestOfLine('\n');
  }

  /// rx, RY, tz, ... to the end of the line, each once.
  std::vector<MocapChannel> Channels(bool translations) {
    const std::string expected =
        translations ? "TX, TY, TZ, RX, RY or RZ, each once" : "rx, ry or rz, each once, as bones turn only";
    std::vector<MocapChannel> channels;
    for (std::string_view word; !(word = words_.NextOnLine()).empty();) {
      const std::string name = Lower(word);
      const MocapChannel channel = {name[0] == 'r', name.size() == 2 ? name[1] - 'x' : -1};
      const bool known =
          channel.axis >= 0 && channel.axis <= 2 && (channel.rotation || (translations && name[0] == 't'));
      const bool again = std::ranges::any_of(channels, [&](const MocapChannel& c) {
        return c.rotation == channel.rotation && c.axis == channel.axis;
      });
      if (!known || again) words_.Fail(expected, Words::Quote(word));
      channels.push_back(channel);
    }
    return channels;
  }

  std::string AxisOrder(std::string_view word) const {
    std::string order = Lower(word), sorted = order;
    std::ranges::sort(sorted);
    if (sorted != "xyz") words_.Fail("the order of three axes, such as XYZ", Words::Quote(word));
    return order;
  }

  void BoneData(std::string_view word) {
    const std::string key = Lower(word);
    if (!in_bone_) {
      if (key != "begin") words_.Fail("begin", Words::Quote(word));
      if (bones_.size() >= kMaxJoints) words_.Fail(Concat("at most ", kMaxJoints, " bones"), "more");
      bones_.emplace_back();
      in_bone_ = true;
      return;
    }
    Bone& bone = bones_.back();
    if (key == "end") {
      Finish(bone);
      in_bone_ = false;
    } else if (key == "name") {
      bone.name = std::string(words_.NextOnLine());
    } else if (key == "direction") {
      bone.direction = ThreeNumbers(words_, "three numbers of a direction");
    } else if (key == "length") {
      bone.length = NumberOnLine(words_, "the length of a bone");
    } else if (key == "axis") {
      bone.axis = ThreeNumbers(words_, "three angles of an axis");
      bone.axis_order = AxisOrder(words_.NextOnLine());
    } else if (key == "dof") {
      if (!bone.dof.empty()) words_.Fail("one dof a bone", "a second");
      bone.dof = Channels(false);
    }
    words_.RestOfLine('\n');  // limits, masses and what else there is
  }

  void Finish(const Bone& bone) {
    if (bone.name.empty()) words_.Fail("the name of the bone that ends here", "none");
    const std::string of = Concat(" of the bone ", Words::Quote(bone.name));
    if (!bone.direction) words_.Fail("the direction" + of, "none");
    if (!bone.length) words_.Fail("the length" + of, "none");
    if (*bone.length < 0) words_.Fail("a length of 0 or more" + of, Concat(*bone.length));
    if (*bone.length > 0 && std::abs(bone.direction->norm() - 1) > kUnitVector)
      words_.Fail("a direction of length 1" + of, Concat(bone.direction->norm()));
    const auto [place, is_new] = index_.emplace(bone.name, static_cast<int>(bones_.size()) - 1);
    if (!is_new || bone.name == "root") words_.Fail("bones of different names", Words::Quote(bone.name));
  }

  int Find(std::string_view name) const {
    if (name == "root") return 0;
    const auto found = index_.find(name);
    if (found == index_.end()) words_.Fail("the name of a bone of :bonedata", Words::Quote(name));
    return found->second;
  }

  void Hierarchy(std::string_view word) {
    if (const std::string key = Lower(word); key == "begin" || key == "end") return;
    Bone& parent = bones_[Find(word)];
    for (std::string_view name; !(name = words_.NextOnLine()).empty();) {
      const int child = Find(name);
      if (child == 0 || bones_[child].has_parent)
        words_.Fail("one parent a bone", Concat("another of ", Words::Quote(name)));
      bones_[child].has_parent = true;
      parent.children.push_back(child);
    }
  }

  /// The rotation that the axes of a bone have in the rest pose; none where they are the file's.
  std::optional<Eigen::Matrix3d> Axes(const Bone& bone) const {
    if (bone.axis.isZero(0)) return std::nullopt;
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    for (const char letter : bone.axis_order) {
      const int axis = letter - 'x';
      const double angle_rad = skeleton_.radians ? bone.axis[axis] : bone.axis[axis] / kDegrees;
      rotation = Eigen::AngleAxisd(angle_rad, Eigen::Vector3d::Unit(axis)).toRotationMatrix() * rotation;
    }
    return rotation;
  }

  /// Joints from the root downwards.
  AsfSkeleton Assemble() {
    if (bones_.size() == 1) words_.Fail(":bonedata with bones", "none");
    if (bones_[0].dof.empty()) words_.Fail(":root with an order", "none");
    std::vector<std::pair<int, int>> open = {{0, -1}};  // bones, and the joints that they are below
    for (size_t i = 0; i < open.size(); ++i) {
      const auto [index, parent] = open[i];
      const Bone& bone = bones_[index];
      const Eigen::Vector3d offset = parent < 0 ? Eigen::Vector3d(root_position_ * skeleton_.unit_mm)
                                                : EndOf(bones_[open[parent].first]);
      AddJoint({bone.name, parent, offset, Axes(bone), {}}, bone.dof);
      for (const int child : bone.children) open.emplace_back(child, static_cast<int>(i));
    }
    if (open.size() < bones_.size()) {
      const auto lost = std::ranges::find_if(bones_.begin() + 1, bones_.end(), [&](const Bone& bone) {
        return std::ranges::none_of(open, [&](const auto& one) { return &bones_[one.first] == &bone; });
      });
      words_.Fail(":hierarchy to lead from the root to every bone",
                  Concat("no way to ", Words::Quote(lost->name)));
    }
    for (size_t i = 0; i < open.size(); ++i) {
      const Bone& bone = bones_[open[i].first];
      if (bone.children.empty())
        AddJoint({bone.name + "_End", static_cast<int>(i), EndOf(bone), std::nullopt, {}}, {});
    }
    return std::move(skeleton_);
  }

  Eigen::Vector3d EndOf(const Bone& bone) const {
    if (!bone.direction) return Eigen::Vector3d::Zero();  // the root is a point
    return *bone.direction * (*bone.length * skeleton_.unit_mm);
  }

  // Channels multiply from the left, so the rotation that comes first lies last.
  void AddJoint(MocapJoint joint, const std::vector<MocapChannel>& dof) {
    MocapClip& clip = skeleton_.clip;
    std::vector<int64_t> columns(dof.size());
    for (const bool rotation : {false, true}) {
      for (size_t k = dof.size(); k-- > 0;) {
        if (dof[k].rotation != rotation) continue;
        columns[k] = clip.channels++;
        joint.channels.push_back(dof[k]);
      }
    }
    clip.joints.push_back(std::move(joint));
    skeleton_.columns.push_back(std::move(columns));
  }

  Words words_;
  AsfSkeleton skeleton_;
  std::vector<Bone> bones_;  ///< the root first
  std::map<std::string, int, std::less<>> index_;
  Eigen::Vector3d root_position_ = Eigen::Vector3d::Zero();  ///< file units
  bool in_bone_ = false;
};

class AmcParser {
 public:
  AmcParser(const std::string& text, const std::string& origin, const AsfSkeleton& skeleton)
      : words_(text, origin), skeleton_(skeleton), clip_(skeleton.clip), radians_(skeleton.radians) {
    clip_.path = origin;
    const std::vector<MocapJoint>& joints = clip_.joints;
    for (size_t i = 0; i < joints.size(); ++i) {
      if (!joints[i].channels.empty()) index_.emplace(joints[i].name, i);
    }
    seen_.assign(joints.size(), false);
  }

  MocapClip Parse(double fps) {
    std::optional<int64_t> number;
    for (std::string_view word; NextLine(words_, word);) {
      if (word[0] == ':') {
        const std::string key = Lower(word);
        if (number) words_.Fail("frames to the end of the file", Words::Quote(word));
        if (key == ":degrees" || key == ":radians") radians_ = key == ":radians";
        words_.RestOfLine('\n');
      } else if (word[0] >= '0' && word[0] <= '9') {
        if (number) EndFrame(*number);
        number = FrameNumber(word, number);
        BeginFrame();
      } else if (!number) {
        words_.Fail("the number of the first frame", Words::Quote(word));
      } else {
        Line(word, *number);
      }
    }
    if (!number) words_.Fail("frames", "none");
    EndFrame(*number);
    clip_.fps = fps;
    return std::move(clip_);
  }

 private:
  int64_t FrameNumber(std::string_view word, const std::optional<int64_t>& before) {
    constexpr double kMostFrames = 1e9;
    const std::string expected = before ? Concat("frame ", *before + 1) : "the number of the first frame";
    const double value = words_.ToNumber(word, expected, kMostFrames);
    const auto number = static_cast<int64_t>(value);
    if (static_cast<double>(number) != value || (before && number != *before + 1))
      words_.Fail(expected, Words::Quote(word));
    EndOfLine(words_, "nothing else on the line of a frame's number");
    return number;
  }

  void BeginFrame() {
    clip_.values.resize(clip_.values.size() + clip_.channels);
    seen_.assign(seen_.size(), false);
    lines_ = 0;
  }

  void EndFrame(int64_t number) {
    ++clip_.frames;
    if (lines_ == index_.size()) return;
    const auto missing = std::ranges::find_if(index_, [&](const auto& one) { return !seen_[one.second]; });
    words_.Fail(Concat("every bone that turns in frame ", number),
                Concat("none of ", Words::Quote(missing->first)));
  }

  void Line(std::string_view name, int64_t number) {
    const auto found = index_.find(name);
    if (found == index_.end())
      words_.Fail(Concat("a bone that turns in ", skeleton_.clip.path), Words::Quote(name));
    const size_t joint = found->second;
    if (seen_[joint])
      words_.Fail(Concat("each bone once in frame ", number), Concat("another ", Words::Quote(name)));
    seen_[joint] = true;
    ++lines_;
    const std::vector<int64_t>& columns = skeleton_.columns[joint];
    const std::string expected = Concat(columns.size(), " numbers of ", Words::Quote(name));
    double* frame = clip_.values.data() + clip_.values.size() - clip_.channels;
    for (const int64_t column : columns) frame[column] = NumberOnLine(words_, expected);
    EndOfLine(words_, expected);
    Scale(clip_.joints[joint], *std::ranges::min_element(columns), frame);
  }

  // To mm and degrees; a translation counts from the place that the skeleton gives.
  void Scale(const MocapJoint& joint, int64_t column, double* frame) const {
    for (const MocapChannel& channel : joint.channels) {
      double& value = frame[column++];
      if (!channel.rotation) {
        value = joint.offset[channel.axis] + value * skeleton_.unit_mm;
      } else if (radians_) {
        value *= kDegrees;
      }
    }
  }

  Words words_;
  const AsfSkeleton& skeleton_;
  MocapClip clip_;
  std::map<std::string, size_t, std::less<>> index_;  ///< of the joints that move
  std::vector<bool> seen_;                            ///< of the joints, in this frame
  size_t lines_ = 0;
  bool radians_;
};

}  // namespace

AsfSkeleton ParseAsf(const std::string& text, const std::string& origin) {
  return AsfParser(text, origin).Parse();
}

MocapClip ParseAmc(const std::string& text, const std::string& origin, const AsfSkeleton& skeleton,
                   double fps) {
  return AmcParser(text, origin, skeleton).Parse(fps);
}

std::string FindSkeleton(const std::string& amc_path) {
  const fs::path amc(amc_path), folder = amc.has_parent_path() ? amc.parent_path() : fs::path(".");
  const std::string stem = amc.stem().string();
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (Lower(entry.path().extension().string()) == ".asf") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  for (const std::string& name : {stem, stem.substr(0, stem.find('_'))}) {
    const auto named =
        std::ranges::find(found, name, [](const fs::path& path) { return path.stem().string(); });
    if (named != found.end()) return named->string();
  }
  if (found.size() != 1) {
    throw Error(amc_path, ": expected its skeleton beside it, ", stem.substr(0, stem.find('_')),
                ".asf or the only ASF file, found ", found.empty() ? "none" : Concat(found.size(), " others"),
                " (--skeleton FILE.asf names it)");
  }
  return found.front().string();
}

MocapClip ReadAsfAmc(const std::string& amc_path, const std::string& asf_path, double fps) {
  const std::string skeleton_path = asf_path.empty() ? FindSkeleton(amc_path) : asf_path;
  return ParseAmc(ReadFile(amc_path), amc_path, ParseAsf(ReadFile(skeleton_path), skeleton_path), fps);
}

}  // namespace links

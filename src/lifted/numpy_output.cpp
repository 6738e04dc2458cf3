#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "lifted_output.h"
#include "links/core/error.h"
#include "links/core/little_endian.h"

namespace links {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMostBytes = 0xfffffffe;  // of a zip file without its extension for larger ones

/// A zip file of entries that are stored as they are: what numpy.savez writes.
class StoredZip {
 public:
  explicit StoredZip(std::string path) : path_(std::move(path)) {}

  void Add(const std::string& name, const std::string& bytes) {
    if (offset_ + bytes.size() > kMostBytes) {
      throw Error(path_, ": expected less than 4 GiB, found more; write .h5 or .jsonl, which have no limit");
    }
    const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    constexpr int kVersion = 20, kJanuaryFirst1980 = 0x21;
    const std::string entry = LittleEndian(kVersion, 2) + LittleEndian(0, 4) + LittleEndian(0, 2) +
                              LittleEndian(kJanuaryFirst1980, 2) + LittleEndian(sum, 4) +
                              LittleEndian(bytes.size(), 4) + LittleEndian(bytes.size(), 4) +
                              LittleEndian(name.size(), 2) + LittleEndian(0, 2);
    directory_ += "PK\x01\x02" + LittleEndian(kVersion, 2) + entry + LittleEndian(0, 10) +
                  LittleEndian(offset_, 4) + name;
    parts_.push_back("PK\x03\x04" + entry + name);
    parts_.push_back(bytes);
    offset_ += parts_.end()[-2].size() + bytes.size();
    ++entries_;
  }

  void Save(const std::string& file) {
    parts_.push_back(directory_ + "PK\x05\x06" + LittleEndian(0, 4) + LittleEndian(entries_, 2) +
                     LittleEndian(entries_, 2) + LittleEndian(directory_.size(), 4) +
                     LittleEndian(offset_, 4) + LittleEndian(0, 2));
    WriteFileAtomically(file, {parts_.begin(), parts_.end()});
  }

 private:
  std::string path_, directory_;
  std::vector<std::string> parts_;
  size_t offset_ = 0, entries_ = 0;
};

/// The bytes of an array in NumPy's format 1.0. dtype: "<f4"; shape: "(5, 17)".
std::string NumpyArray(const std::string& dtype, const std::string& shape, const std::string& values) {
  constexpr size_t kAlignment = 64;
  std::string header = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape + ", }";
  const size_t before = 10;  // magic, version and the header's length
  header.append(kAlignment - (before + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  return "\x93NUMPY\x01" + std::string(1, '\0') + LittleEndian(header.size(), 2) + header + values;
}

std::string Shape(size_t rows, const std::string& more) {
  return Concat("(", rows, ",", more.empty() ? "" : " ", more, ")");
}

template <class Value>
std::string BytesOf(const std::vector<Value>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

/// The code points of UTF-8; what is no UTF-8 becomes U+FFFD.
std::u32string CodePoints(const std::string& text) {
  std::u32string points;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const int more = first < 0x80       ? 0
                     : first >> 5 == 6  ? 1
                     : first >> 4 == 14 ? 2
                     : first >> 3 == 30 ? 3
                                        : -1;
    char32_t point = more <= 0 ? first : first & (0x3f >> more);
    int read = 0;
    while (read < more && i + read + 1 < text.size() && (text[i + read + 1] & 0xc0) == 0x80)
      point = point << 6 | (text[i + ++read] & 0x3f);
    const bool whole =
        more >= 0 && read == more && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    points += whole ? point : U'\ufffd';
    i += static_cast<size_t>(read) + 1;
  }
  return points;
}

/// Texts as "<U..", padded with zeros to the longest.
std::string TextArray(const std::vector<std::string>& texts) {
  size_t longest = 1;
  std::vector<std::u32string> rows;
  for (const std::string& text : texts)
    longest = std::max(longest, rows.emplace_back(CodePoints(text)).size());
  std::string values;
  for (std::u32string& row : rows) {
    row.resize(longest);
    for (const char32_t point : row) values += LittleEndian(point, 4);
  }
  return NumpyArray(Concat("<U", longest), Shape(texts.size(), ""), values);
}

/// Arrays of a row for each person and frame, docs/lift.md.
class NumpyFile : public LiftedOutput {
 public:
  explicit NumpyFile(const OutputPlace& place) : path_(place.path), file_(place.files.Add(path_)) {}

  void Write(const LiftedFrame& frame) override {
    for (const LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      index_.push_back(frame.index);
      image_.push_back(frame.image);
      track_.push_back(person.track);
      person_.push_back(person.person);
      lifters_.push_back(person.lifters);
      const double mm = person.mm_per_unit > 0 ? person.mm_per_unit : kNaN;
      for (int j = 0; j < kJoints; ++j) {
        const bool seen = person.states[j] != JointState::kGuessed;
        states_.push_back(static_cast<uint8_t>(person.states[j]));
        for (int k = 0; k < 2; ++k) Add(keypoints_, seen ? person.px[2 * j + k] : kNaN);
        Add(keypoints_, seen ? person.confidence[j] : 0);
        for (int k = 0; k < 3; ++k) Add(joints_, person.joints[3 * j + k]);
        for (int k = 0; k < 3; ++k) Add(joints_mm_, person.joints[3 * j + k] * mm);
        Add(spread_, person.spread.empty() ? kNaN : person.spread[j]);
      }
      Add(plausibility_, person.plausibility);
      Add(scale_px_, person.scale_px);
      for (const double value : person.root_px) Add(root_px_, value);
      for (const double value : person.root) Add(root_, value);
      root_estimated_.push_back(person.root_estimated);
    }
  }

  std::vector<std::string> Finish() override {
    const size_t rows = index_.size();
    StoredZip zip(path_);
    const auto add = [&](const char* name, const char* dtype, const auto& values,
                         const std::string& more = "") {
      zip.Add(Concat(name, ".npy"), NumpyArray(dtype, Shape(rows, more), BytesOf(values)));
    };
    add("joints", "<f4", joints_, "17, 3");
    add("joints_mm", "<f4", joints_mm_, "17, 3");
    add("spread", "<f4", spread_, "17");
    add("states", "|u1", states_, "17");
    add("keypoints", "<f4", keypoints_, "17, 3");
    add("index", "<i8", index_);
    add("person", "<i4", person_);
    add("plausibility", "<f4", plausibility_);
    add("scale_px", "<f4", scale_px_);
    add("root_px", "<f4", root_px_, "2");
    add("root", "<f4", root_, "3");
    add("root_estimated", "|b1", root_estimated_);
    zip.Add("image.npy", TextArray(image_));
    zip.Add("track.npy", TextArray(track_));
    zip.Add("lifters.npy", TextArray(lifters_));
    zip.Add("joint_names.npy", TextArray({kJointNames.begin(), kJointNames.end()}));
    std::vector<std::string> states;
    for (const JointState state : {JointState::kLifted, JointState::kRay, JointState::kGuessed})
      states.emplace_back(JointStateName(state));
    zip.Add("state_names.npy", TextArray(states));
    zip.Save(file_);
    return {path_};
  }

 private:
  static void Add(std::vector<float>& to, double value) { to.push_back(static_cast<float>(value)); }

  std::string path_, file_;
  std::vector<int64_t> index_;
  std::vector<int32_t> person_;
  std::vector<std::string> image_, track_, lifters_;
  std::vector<float> joints_, joints_mm_, spread_, keypoints_, plausibility_, scale_px_, root_px_, root_;
  std::vector<uint8_t> states_, root_estimated_;
};

}  // namespace

std::unique_ptr<LiftedOutput> NumpyOutput(const OutputPlace& place) {
  return std::make_unique<NumpyFile>(place);
}

}  // namespace links

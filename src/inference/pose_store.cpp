#include "pose_store.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace links {

/// A detected person in its file; texts by their number.
struct PoseStore::Record {
  int64_t frame;
  int32_t person, track, unusable, scale_from;
  double scale_px;
  Joints2d joints;
};

int32_t PoseStore::NumberOf(const std::string& text) {
  const auto [place, fresh] = numbers_.try_emplace(text, static_cast<int32_t>(texts_.size()));
  if (fresh) texts_.push_back(text);
  return place->second;
}

void PoseStore::Add(const DetectedFrame& frame) {
  frames_.WriteList(frame.image);
  frames_.Write(&frame.index, sizeof frame.index);
  const auto count = static_cast<int64_t>(frame.people.size());
  frames_.Write(&count, sizeof count);
  const int64_t first = people();
  for (const DetectedPerson& person : frame.people) {
    const Record record = {
        frame.index, person.person, NumberOf(person.track), NumberOf(person.unusable), NumberOf(""),
        0,           person};
    detected_.Write(&record, sizeof record);
    if (!person.track.empty()) {
      std::vector<int64_t>& track = tracks_[person.track];
      if (track.empty() || track.back() < first)
        track.push_back(people());  // a name twice in a frame is no track
    }
    offsets_.push_back(-1);
  }
}

PoseStore::Record PoseStore::Read(int64_t id) {
  static_assert(std::is_trivially_copyable_v<Record>);
  Record record;
  detected_.Seek(id * static_cast<int64_t>(sizeof record));
  detected_.Read(&record, sizeof record);
  return record;
}

int64_t PoseStore::FrameOf(int64_t id) {
  return Read(id).frame;
}

PoseStore::Detected PoseStore::GetDetected(int64_t id) {
  const Record record = Read(id);
  return {record.joints, {record.scale_px, texts_[record.scale_from]}, texts_[record.unusable]};
}

void PoseStore::PutDetected(int64_t id, const Detected& detected) {
  Record record = Read(id);
  record.joints = detected.joints;
  record.scale_px = detected.scale.head_root_px;
  record.scale_from = NumberOf(detected.scale.from);
  detected_.Seek(id * static_cast<int64_t>(sizeof record));
  detected_.Write(&record, sizeof record);
}

void PoseStore::AddLifted(int64_t id, const LiftedPerson& person) {
  static_assert(std::is_trivially_copyable_v<MovingPose>);
  offsets_[id] = lifted_.End();
  lifted_.Seek(lifted_.End());
  const MovingPose pose = MovingPoseOf(person);
  lifted_.Write(&pose, sizeof pose);
  lifted_.WriteList(person.unusable);
  lifted_.WriteList(person.lifters);
  lifted_.Write(&person.states, sizeof person.states);
  lifted_.Write(&person.plausibility, sizeof person.plausibility);
  lifted_.WriteList(person.spread);
  lifted_.WriteList(person.hypotheses);
}

bool PoseStore::IsUsable(int64_t id) {
  std::string unusable;
  lifted_.Seek(offsets_[id] + static_cast<int64_t>(sizeof(MovingPose)));
  lifted_.ReadList(unusable);
  return unusable.empty();
}

MovingPose PoseStore::GetPose(int64_t id) {
  MovingPose pose;
  lifted_.Seek(offsets_[id]);
  lifted_.Read(&pose, sizeof pose);
  return pose;
}

void PoseStore::PutPose(int64_t id, const MovingPose& pose) {
  lifted_.Seek(offsets_[id]);
  lifted_.Write(&pose, sizeof pose);
}

void PoseStore::Rewind() {
  next_frame_ = next_person_ = 0;
}

bool PoseStore::NextHead(std::string& image, int64_t& index, int64_t& count) {
  if (next_frame_ == frames_.End()) return false;
  frames_.Seek(next_frame_);
  frames_.ReadList(image);
  frames_.Read(&index, sizeof index);
  frames_.Read(&count, sizeof count);
  next_frame_ += static_cast<int64_t>(sizeof(size_t) + image.size() + sizeof index + sizeof count);
  return true;
}

bool PoseStore::Next(DetectedFrame& frame, std::vector<BodyScale>& scales, int64_t& first) {
  int64_t count = 0;
  if (!NextHead(frame.image, frame.index, count)) return false;
  frame.people.clear();
  scales.clear();
  first = next_person_;
  for (int64_t i = 0; i < count; ++i) {
    const Record record = Read(next_person_++);
    DetectedPerson& person = frame.people.emplace_back();
    static_cast<Joints2d&>(person) = record.joints;
    person.track = texts_[record.track];
    person.person = record.person;
    person.unusable = texts_[record.unusable];
    scales.push_back({record.scale_px, texts_[record.scale_from]});
  }
  return true;
}

bool PoseStore::Next(LiftedFrame& frame) {
  int64_t count = 0;
  if (!NextHead(frame.image, frame.index, count)) return false;
  frame.people.clear();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t id = next_person_++;
    const Record record = Read(id);
    LiftedPerson& person = frame.people.emplace_back();
    person.track = texts_[record.track];
    person.person = record.person;
    person.scale_from = texts_[record.scale_from];
    const MovingPose pose = GetPose(id);
    person.root_estimated = pose.root_estimated;
    Put(pose, person);
    lifted_.ReadList(person.unusable);
    lifted_.ReadList(person.lifters);
    lifted_.Read(&person.states, sizeof person.states);
    lifted_.Read(&person.plausibility, sizeof person.plausibility);
    lifted_.ReadList(person.spread);
    lifted_.ReadList(person.hypotheses);
  }
  return true;
}

}  // namespace links

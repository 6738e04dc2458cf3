#include "links/import/human36m_camera.h"

#include <charconv>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "hdf5_source.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/data/human36m_names.h"

namespace links {
namespace {

int SubjectNumber(const std::string& subject) {
  return std::stoi(subject.substr(1));
}

/// Throws unless the camera is one that can be.
void CheckCamera(const Human36mCamera& camera, const std::string& where) {
  const double skew = (camera.rotation * camera.rotation.transpose() - Eigen::Matrix3d::Identity()).norm();
  if (!(skew < 1e-4) || !(camera.rotation.determinant() > 0)) {
    throw Error(where, ": expected a rotation matrix in R, found one that is off by ", skew,
                " with the determinant ", camera.rotation.determinant());
  }
  // Human3.6M's world has z up, its cameras stand upright and look a little down.
  const Eigen::Vector3d across = camera.rotation.row(0), down = camera.rotation.row(1);
  if (!(std::abs(across.z()) < 0.3) || !(down.z() < -0.7)) {
    throw Error(where,
                ": expected an upright camera in a world with z up, found image axes with the heights ",
                across.z(), " and ", down.z(), ", so R may not be stored transposed");
  }
  const bool finite = camera.position.allFinite() && camera.focal.allFinite() && camera.centre.allFinite();
  bool distortion = true;
  for (const double value : camera.radial) distortion = distortion && std::isfinite(value);
  for (const double value : camera.tangential) distortion = distortion && std::isfinite(value);
  if (!finite || !distortion || !(camera.focal.minCoeff() > 0)) {
    throw Error(where,
                ": expected finite numbers in T, f, c, k and p and a positive focal length, found others");
  }
}

std::string NameFromCodes(const Hdf5Source& file, const std::string& set) {
  std::string name;
  for (const double code : file.ReadNumbers(set, -1)) {
    if (!(code >= 32 && code < 127) || name.size() >= 64) {
      throw Error(file.path(), ": expected the camera's name as character codes in /", set, ", found ", code,
                  name.size() >= 64 ? " after 64 of them" : "");
    }
    name += static_cast<char>(code);
  }
  return name;
}

Human36mCamera ReadStored(const Hdf5Source& file, const std::string& group, const std::string& subject,
                          int index) {
  const std::string folder = Concat(group, "subject", SubjectNumber(subject), "/camera", index + 1, "/");
  const auto read = [&](const char* set, int64_t count) { return file.ReadNumbers(folder + set, count); };
  Human36mCamera camera;
  const std::vector<double> stored = read("R", 9), position = read("T", 3), focal = read("f", 2),
                            centre = read("c", 2), radial = read("k", 3), tangential = read("p", 2);
  camera.rotation = Eigen::Map<const Eigen::Matrix3d>(stored.data());  // column by column: the transpose
  camera.position = Eigen::Map<const Eigen::Vector3d>(position.data());
  camera.focal = Eigen::Map<const Eigen::Vector2d>(focal.data());
  camera.centre = Eigen::Map<const Eigen::Vector2d>(centre.data());
  camera.radial = {radial[0], radial[1], radial[2]};
  camera.tangential = {tangential[0], tangential[1]};
  camera.name = NameFromCodes(file, folder + "Name");
  CheckCamera(camera, file.path() + ": /" + folder.substr(0, folder.size() - 1));
  return camera;
}

constexpr size_t kMetadataNumbers = 300;
constexpr int kMetadataSubjects = 11;
constexpr int kMetadataIntrinsics = 264;  // where they begin, 9 a camera

/// The text between <w0> and </w0>.
std::string NodeText(const std::string& file, const std::string& path) {
  std::string text;  // without comments
  for (size_t at = 0; at < file.size();) {
    const size_t comment = std::min(file.find("<!--", at), file.size());
    text.append(file, at, comment - at);
    const size_t end = file.find("-->", comment);
    at = end == std::string::npos ? file.size() : end + 3;
  }
  const size_t begin = text.find("<w0>"), end = text.find("</w0>");
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    throw Error(path, ": expected Human3.6M's metadata with a node w0, found none");
  return text.substr(begin + 4, end - begin - 4);
}

std::vector<double> ReadMetadata(const std::string& path) {
  const std::string text = NodeText(ReadFile(path), path);
  std::vector<double> numbers;
  for (size_t at = text.find_first_not_of("[], ;\t\r\n"); at != std::string::npos;
       at = text.find_first_not_of("[], ;\t\r\n", at)) {
    const size_t end = std::min(text.find_first_of("[], ;\t\r\n", at), text.size());
    double value = 0;
    const auto [rest, error] = std::from_chars(&text[at], text.data() + end, value);
    if (error != std::errc() || rest != text.data() + end) {
      throw Error(path, ": expected numbers in w0, found '", text.substr(at, std::min<size_t>(end - at, 40)),
                  "'");
    }
    numbers.push_back(value);
    at = end;
  }
  if (numbers.size() != kMetadataNumbers) {
    throw Error(path, ": expected ", kMetadataNumbers, " numbers in w0, found ", numbers.size());
  }
  return numbers;
}

Human36mCamera FromMetadata(const std::vector<double>& numbers, const std::string& path,
                            const std::string& subject, int index) {
  using Eigen::AngleAxisd;
  const double* extrinsic = &numbers[6 * (index * kMetadataSubjects + SubjectNumber(subject) - 1)];
  const double* intrinsic = &numbers[kMetadataIntrinsics + 9 * index];
  Human36mCamera camera;
  camera.name = kHuman36mCameras[index];
  camera.rotation = (AngleAxisd(extrinsic[0], Eigen::Vector3d::UnitX()) *
                     AngleAxisd(extrinsic[1], Eigen::Vector3d::UnitY()) *
                     AngleAxisd(extrinsic[2], Eigen::Vector3d::UnitZ()))
                        .toRotationMatrix();
  camera.position = Eigen::Map<const Eigen::Vector3d>(extrinsic + 3);
  camera.focal = Eigen::Map<const Eigen::Vector2d>(intrinsic);
  camera.centre = Eigen::Map<const Eigen::Vector2d>(intrinsic + 2);
  camera.radial = {intrinsic[4], intrinsic[5], intrinsic[6]};
  camera.tangential = {intrinsic[7], intrinsic[8]};
  CheckCamera(camera, Concat(path, ": w0, subject ", subject, ", camera ", index + 1));
  return camera;
}

}  // namespace

Eigen::Vector2d Human36mCamera::Project(const Eigen::Vector3d& point) const {
  const Eigen::Vector2d flat = point.head<2>() / point.z();
  const double r2 = flat.squaredNorm();
  const double along_ray = 1 + r2 * (radial[0] + r2 * (radial[1] + r2 * radial[2]));
  const double across = tangential[0] * flat.y() + tangential[1] * flat.x();
  const Eigen::Vector2d shift(tangential[1] * r2, tangential[0] * r2);
  return focal.cwiseProduct(flat * (along_ray + across) + shift) + centre;
}

Human36mCameraReader OpenHuman36mCameras(const std::string& path, const std::string& group) {
  if (path.ends_with(".xml")) {
    return [path, numbers = ReadMetadata(path)](const std::string& subject, int camera) {
      return FromMetadata(numbers, path, subject, camera);
    };
  }
  return [file = std::make_shared<Hdf5Source>(path), group](const std::string& subject, int camera) {
    return ReadStored(*file, group, subject, camera);
  };
}

Human36mRig ReadHuman36mCameras(const Human36mCameraReader& reader, const std::string& subject,
                                const std::vector<std::string>& names, ClipImport& clips) {
  Human36mRig cameras;
  std::set<std::string> seen;
  for (int index = 0; index < static_cast<int>(kHuman36mCameras.size()); ++index) {
    clips.Try([&] {
      Human36mCamera camera = reader(subject, index);
      if (!names.empty()) camera.name = names[index];
      if (!seen.insert(camera.name).second) {
        throw Error("expected four different cameras of ", subject, ", found the name ", camera.name,
                    " twice");
      }
      cameras.emplace_back(index, std::move(camera));
    });
  }
  return cameras;
}

}  // namespace links

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace links {

enum class MatKind { kRealNumbers, kCells, kOther };

/// An array of a MAT file of either version.
struct MatArray {
  virtual ~MatArray() = default;
  /// All of them, column-major, as many as were there.
  virtual std::vector<double> Numbers() const = 0;
  /// nullptr when there is none. Throws Error.
  virtual std::shared_ptr<const MatArray> Cell(int64_t index) const = 0;

  MatKind kind = MatKind::kOther;
  std::string class_name;  // for messages
  std::vector<int64_t> shape;
};

/// An open MAT file; its arrays keep it open.
struct MatArrays {
  virtual ~MatArrays() = default;
  /// nullptr when there is none of that name. Throws Error.
  virtual std::shared_ptr<const MatArray> Find(const std::string& name) const = 0;
};

/// Throw Error unless the file is whole.
std::shared_ptr<const MatArrays> OpenMat5(const std::string& path);
std::shared_ptr<const MatArrays> OpenMat73(const std::string& path);

}  // namespace links

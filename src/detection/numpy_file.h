#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace links {

/// An entry of an .npz, or what a pickle in it holds. Nothing of a pickle is run: of Python's objects only
/// those of numpy's arrays are known.
struct NumpyValue {
  enum class Kind { kNone, kNumber, kText, kArray, kList, kDictionary };
  Kind kind = Kind::kNone;
  double number = 0;
  std::string text;
  std::vector<size_t> shape;                       ///< of kArray
  std::vector<double> values;                      ///< of kArray, row-major
  std::vector<std::shared_ptr<NumpyValue>> items;  ///< of kList (also arrays of objects)
  std::vector<std::pair<std::string, std::shared_ptr<NumpyValue>>> entries;  ///< of kDictionary, in its order
};

/// The arrays of an .npz file by name. Throws Error for what is damaged, for more than 2 GiB an entry, and
/// for pickles of anything but dictionaries, lists, text, numbers and arrays of numbers.
std::map<std::string, NumpyValue> ReadNumpyFile(const std::string& path);

}  // namespace links

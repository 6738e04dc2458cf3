#pragma once

#include <hdf5.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "links/core/atomic_file.h"

namespace links::hdf5 {

/// Where a string of variable length is, as HDF5 stores it.
using HeapReference = std::array<unsigned char, 16>;

/// The memory type that gives HeapReference out of a data set or attribute of variable length.
hid_t HeapReferenceType();

/// Strings of variable length. HDF5's own way to read them trusts the lengths in the file and writes past
/// its buffers when they are wrong; here every one lies within its heap and the heap within the file.
class TextHeap {
 public:
  /// Addresses count from `base`; the file outlives this.
  TextHeap(const PlainFile& bytes, uint64_t base) : bytes_(bytes), base_(base) {}

  /// Throws Error saying what was expected and found, without the file's name: a damaged reference, or one
  /// to more than `most` bytes.
  std::string Read(const HeapReference& reference, size_t most);

 private:
  struct Item {
    uint64_t offset, size;
  };
  Item Find(const HeapReference& reference);

  struct Collection {
    uint64_t end = 0;
    std::map<uint16_t, Item> items;
  };
  const Collection& Open(uint64_t address);

  const PlainFile& bytes_;
  const uint64_t base_;
  std::map<uint64_t, Collection> collections_;  // by their addresses; they do not overlap
};

}  // namespace links::hdf5

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdf5_fields.h"
#include "hdf5_type_check.h"

namespace links::hdf5 {

constexpr uint64_t kNowhere = UINT64_MAX;  // an address of nothing

/// What the header of one object says.
struct ObjectParts {
  struct Child {
    std::string name;
    uint64_t address;
  };
  struct Block {
    uint64_t address, bytes;
  };
  struct Chunks {
    uint64_t rank = 0;         // axes and the bytes of an element
    uint64_t element = 0;      // bytes
    uint64_t tree = kNowhere;  // a B-tree of the first version
  };

  std::vector<Block> more;                    // of the header itself
  std::vector<Child> children;                // hard links
  uint64_t tree = kNowhere, heap = kNowhere;  // of a group with a symbol table
  bool in_heap = false;                       // a group whose links are elsewhere
  std::optional<uint64_t> type;               // bytes of an element
  std::optional<Space> space;
  std::optional<uint64_t> fill;  // bytes of what stands where nothing was written
  std::optional<Chunks> chunks;
  struct TreeSizes {
    uint64_t chunks, groups, leaves;
  };
  std::optional<TreeSizes> tree_sizes;  // half of the most entries of a node
  bool elsewhere = false;               // the data are in other files

  /// Reads a message of the header. Throws Error unless HDF5 can decode it within its own bytes.
  void Add(uint64_t kind, uint64_t flags, Fields message);

  /// Throws Error unless the messages agree with each other.
  void Finish() const;

 private:
  uint64_t seen_ = 0;  // a bit a kind of message
};

}  // namespace links::hdf5

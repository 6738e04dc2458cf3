#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hdf5_messages.h"
#include "links/core/atomic_file.h"

namespace links::hdf5 {

/// The tables by which HDF5 finds what is in a file: superblock, object headers, symbol tables and B-trees.
/// HDF5 1.10 decodes them without looking where they end, and follows them without asking whether it has been
/// there; so they are walked here first. Links, attributes and chunks of the latest layout in tables of their
/// own (heaps, arrays, B-trees of the second version) have checksums, and are left to HDF5.
class Tables {
 public:
  /// Walks every object that the root reaches. `what` the file should be, for messages. Throws Error naming
  /// the file, the object and the byte.
  Tables(const std::string& path, const std::string& what, const PlainFile& bytes);

  /// Where in the file addresses count from.
  uint64_t base() const { return base_; }

  struct Place {
    uint64_t address;
    std::string name;
  };
  /// An object that is reached in other ways, and all that it reaches. Throws as the constructor does.
  void Check(const Place& object);

  /// Groups met since the last call whose links are in a heap.
  std::vector<Place> TakeGroupsInHeaps() { return std::exchange(groups_in_heaps_, {}); }

 private:
  struct Object {
    Place place;
    int depth;
  };

  ObjectParts ReadObject(const Object& object);
  ObjectParts ReadHeader(uint64_t address);
  std::vector<ObjectParts::Child> ReadSymbols(uint64_t tree, uint64_t heap);
  std::vector<unsigned char> ReadHeap(uint64_t address);
  template <class Key, class Leaf>
  void ReadTree(uint64_t address, uint64_t kind, int level, uint64_t key_bytes, const Key& key,
                const Leaf& leaf);
  bool FindSignature();
  void ReadSuperblock();

  /// Bytes of the table that begins here, which no other may be.
  void Enter(uint64_t address);
  std::vector<unsigned char> Read(uint64_t address, uint64_t bytes);
  [[noreturn]] void Fail(const std::string& name, const std::string& found) const;

  const std::string path_, what_;
  const PlainFile& bytes_;
  uint64_t base_ = 0, root_ = 0, extension_;
  std::optional<std::pair<uint64_t, uint64_t>> root_symbols_;  // the superblock's copy: tree and heap
  uint64_t leaf_entries_ = 8, group_entries_ = 32, chunk_entries_ = 64;  // the most of a node
  uint64_t at_ = 0;                                                      // the table that is being read
  uint64_t read_ = 0;                                                    // bytes of tables so far
  std::set<uint64_t> tables_, objects_;
  std::vector<Place> groups_in_heaps_;
};

}  // namespace links::hdf5

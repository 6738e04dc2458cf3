#include "hdf5_tables.h"

#include <algorithm>
#include <string_view>

#include "links/core/error.h"

namespace links::hdf5 {
namespace {

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
constexpr int kMostDepth = 64;
constexpr size_t kMostObjects = 1'000'000;
constexpr uint64_t kOfGroup = 0, kOfChunks = 1;  // kinds of B-trees

/// What ends with a zero within the heap.
std::string_view TextAt(const std::vector<unsigned char>& heap, uint64_t offset) {
  if (offset >= heap.size()) throw Error("a name that is not in its heap");
  Fields fields(std::span<const unsigned char>(heap).subspan(offset));
  return fields.Text();
}

void ReadMessages(Fields fields, uint64_t version, bool ordered, ObjectParts& parts) {
  const size_t prefix = version == 1 ? 8 : ordered ? 6 : 4;
  while (fields.left() >= prefix) {
    const uint64_t kind = fields.Number(version == 1 ? 2 : 1), bytes = fields.Number(2);
    const uint64_t flags = fields.Number(1);
    fields.Skip(version == 1 ? 3 : ordered ? 2 : 0);
    if (version == 1 && bytes % 8 != 0) throw Error("a message that does not end where it should");
    parts.Add(kind, flags, Fields(fields.Take(bytes)));
  }
  if (version == 1 && fields.left() > 0) throw Error("a header that does not end where it should");
}

}  // namespace

Tables::Tables(const std::string& path, const std::string& what, const PlainFile& bytes)
    : path_(path), what_(what), bytes_(bytes), extension_(kNowhere) {
  if (!FindSignature())
    throw Error(path, ": expected ", what, " (HDF5), found a file that is not HDF5 or cannot be read");
  try {
    ReadSuperblock();
    if (extension_ != kNowhere) {
      if (const auto sizes = ReadHeader(extension_).tree_sizes) {
        chunk_entries_ = 2 * sizes->chunks;
        group_entries_ = 2 * sizes->groups;
        leaf_entries_ = 2 * sizes->leaves;
      }
    }
  } catch (const Error& error) {
    Fail("", error.what());
  }
  Check({root_, ""});
}

void Tables::Fail(const std::string& name, const std::string& found) const {
  throw Error(path_, ": expected ", what_, ", found a truncated or damaged HDF5 file (", found, " at byte ",
              base_ + at_, ", in ", name.empty() ? "/" : name, ")");
}

void Tables::Enter(uint64_t address) {
  at_ = address;
  if (!tables_.insert(address).second) throw Error("a table that is in two places");
}

std::vector<unsigned char> Tables::Read(uint64_t address, uint64_t bytes) {
  const uint64_t size = bytes_.size() - base_;
  if (address > size || bytes > size - address) throw Error("a table beyond the end of the file");
  // No file is worth more work than its size: each byte is of one table, and small ones are read twice.
  read_ += bytes;
  if (read_ / 4 > size) throw Error("tables that lie upon each other");
  std::vector<unsigned char> read(bytes);
  if (bytes_.Read(base_ + address, read.data(), bytes) != bytes) throw Error("a table that cannot be read");
  return read;
}

bool Tables::FindSignature() {
  std::string found(kSignature.size(), '\0');
  for (base_ = 0; base_ < bytes_.size(); base_ = base_ == 0 ? 512 : 2 * base_) {
    if (bytes_.Read(base_, found.data(), found.size()) == found.size() && found == kSignature) return true;
  }
  return false;
}

void Tables::ReadSuperblock() {
  const std::vector<unsigned char> bytes = Read(0, std::min<uint64_t>(128, bytes_.size() - base_));
  Fields fields(bytes);
  fields.Skip(kSignature.size());
  const uint64_t version = fields.Number(1);
  if (version > 3) throw Error("an unknown version");
  if (version < 2) fields.Skip(4);
  const uint64_t address_bytes = fields.Number(1), length_bytes = fields.Number(1);
  if (address_bytes != 8 || length_bytes != 8)
    throw Error("addresses of ", address_bytes, " and lengths of ", length_bytes, " bytes instead of 8");
  fields.Skip(1);
  if (version >= 2) {
    fields.Skip(8);
    extension_ = fields.Number(8);
    fields.Skip(8);
    root_ = fields.Number(8);
    return;
  }
  leaf_entries_ = 2 * fields.Number(2);
  group_entries_ = 2 * fields.Number(2);
  fields.Skip(4);
  if (version == 1) {
    chunk_entries_ = 2 * fields.Number(2);
    fields.Skip(2);
  }
  fields.Skip(24);
  if (fields.Number(8) != kNowhere) throw Error("a file in several parts");
  fields.Skip(8);
  root_ = fields.Number(8);
  const uint64_t copied = fields.Number(4);
  fields.Skip(4);
  if (copied == 1) root_symbols_ = {fields.Number(8), fields.Number(8)};
}

void Tables::Check(const Place& object) {
  std::vector<Object> pending = {{object, 0}};
  while (!pending.empty()) {
    const Object next = std::move(pending.back());
    pending.pop_back();
    const std::string& name = next.place.name;
    if (!objects_.insert(next.place.address).second) continue;
    ObjectParts parts;
    try {
      if (objects_.size() > kMostObjects) throw Error("more than ", kMostObjects, " objects");
      parts = ReadObject(next);
    } catch (const Error& error) {
      Fail(name, error.what());
    }
    if (parts.elsewhere)
      throw Error(path_, ": expected ", name, " in the file itself, found one whose data are in other files");
    if (parts.in_heap) groups_in_heaps_.push_back(next.place);
    for (const ObjectParts::Child& child : parts.children)
      pending.push_back({{child.address, name + "/" + child.name}, next.depth + 1});
  }
}

ObjectParts Tables::ReadObject(const Object& object) {
  if (object.depth > kMostDepth) throw Error("groups nested more than ", kMostDepth, " deep");
  ObjectParts parts = ReadHeader(object.place.address);
  if (parts.tree != kNowhere) {
    if (object.place.address == root_ && root_symbols_ && *root_symbols_ != std::pair(parts.tree, parts.heap))
      throw Error("a root group that lies elsewhere in the superblock");
    std::vector<ObjectParts::Child> more = ReadSymbols(parts.tree, parts.heap);
    parts.children.insert(parts.children.end(), more.begin(), more.end());
  }
  if (parts.chunks && parts.chunks->tree != kNowhere) {
    const auto pass = [](const auto&) {};
    ReadTree(parts.chunks->tree, kOfChunks, -1, 8 + 8 * parts.chunks->rank, pass, pass);
  }
  return parts;
}

ObjectParts Tables::ReadHeader(uint64_t address) {
  Enter(address);
  const uint64_t end = bytes_.size() - base_;
  const std::vector<unsigned char> start =
      Read(address, std::min<uint64_t>(34, end - std::min(end, address)));
  Fields prefix(start);
  const bool latest = prefix.left() >= 4 && Fields(prefix).StartsWith("OHDR");
  ObjectParts parts;
  uint64_t version = 1, bytes = 0;
  bool ordered = false;  // attributes have numbers
  if (latest) {
    prefix.Skip(4);
    version = prefix.Number(1);
    const uint64_t flags = prefix.Number(1);
    if (version != 2) throw Error("a header of an unknown version");
    ordered = (flags & 4) != 0;
    prefix.Skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
    bytes = prefix.Number(size_t{1} << (flags & 3));
  } else {
    if (prefix.Number(1) != 1) throw Error("a header of an unknown version");
    prefix.Skip(7);
    bytes = prefix.Number(4);
    prefix.Skip(4);
  }
  const std::vector<unsigned char> first = Read(address + start.size() - prefix.left(), bytes);
  ReadMessages(Fields(first), version, ordered, parts);
  for (size_t i = 0; i < parts.more.size(); ++i) {
    const ObjectParts::Block block = parts.more[i];
    Enter(block.address);
    const std::vector<unsigned char> part = Read(block.address, block.bytes);
    Fields messages(part);
    if (latest) {
      constexpr size_t kChecksum = 4;
      if (part.size() < 8 || !messages.StartsWith("OCHK")) throw Error("a header that does not go on");
      messages = Fields(messages.Take(messages.left() - kChecksum));
    }
    ReadMessages(messages, version, ordered, parts);
  }
  at_ = address;
  parts.Finish();
  return parts;
}

std::vector<unsigned char> Tables::ReadHeap(uint64_t address) {
  Enter(address);
  const std::vector<unsigned char> header = Read(address, 32);
  Fields fields(header);
  if (!fields.StartsWith("HEAP") || fields.Number(1) != 0) throw Error("something else than a heap of names");
  fields.Skip(3);
  const uint64_t bytes = fields.Number(8);
  uint64_t free = fields.Number(8);
  std::vector<unsigned char> heap = Read(fields.Number(8), bytes);
  // What is free is a chain through the heap, which ends with a 1.
  for (size_t links = 0; free != 1; ++links) {
    if (free >= heap.size() || links > heap.size() / 16) throw Error("a heap whose free parts have no end");
    Fields part(std::span<const unsigned char>(heap).subspan(free));
    const uint64_t next = part.Number(8);
    if (part.Number(8) > heap.size() - free) throw Error("a heap whose free parts reach beyond it");
    free = next;
  }
  return heap;
}

template <class Key, class Leaf>
void Tables::ReadTree(uint64_t address, uint64_t kind, int level, uint64_t key_bytes, const Key& key,
                      const Leaf& leaf) {
  constexpr uint64_t kHeader = 24;
  Enter(address);
  const uint64_t most = kind == kOfGroup ? group_entries_ : chunk_entries_;
  const std::vector<unsigned char> node = Read(address, kHeader + most * (key_bytes + 8) + key_bytes);
  Fields fields(node);
  if (!fields.StartsWith("TREE") || fields.Number(1) != kind) throw Error("something else than a tree");
  const auto found = static_cast<int>(fields.Number(1));
  const uint64_t entries = fields.Number(2);
  if (entries > most || (level >= 0 && found != level)) throw Error("a tree that is none");
  fields.Skip(16);
  for (uint64_t entry = 0; entry < entries; ++entry) {
    key(Fields(fields.Take(key_bytes)));
    const uint64_t child = fields.Number(8);
    if (found > 0) {
      ReadTree(child, kind, found - 1, key_bytes, key, leaf);
    } else {
      leaf(child);
    }
  }
  if (entries > 0) key(Fields(fields.Take(key_bytes)));
}

std::vector<ObjectParts::Child> Tables::ReadSymbols(uint64_t tree, uint64_t heap_address) {
  constexpr uint64_t kHeader = 8, kEntry = 40, kSoftLink = 2;
  const std::vector<unsigned char> heap = ReadHeap(heap_address);
  std::vector<ObjectParts::Child> children;
  const auto key = [&](Fields fields) { TextAt(heap, fields.Number(8)); };
  const auto leaf = [&](uint64_t address) {
    Enter(address);
    const std::vector<unsigned char> node = Read(address, kHeader + leaf_entries_ * kEntry);
    Fields fields(node);
    if (!fields.StartsWith("SNOD") || fields.Number(1) != 1) throw Error("something else than names");
    fields.Skip(1);
    const uint64_t entries = fields.Number(2);
    if (entries > leaf_entries_) throw Error("more names than there is room for");
    for (uint64_t entry = 0; entry < entries; ++entry) {
      const std::string_view name = TextAt(heap, fields.Number(8));
      const uint64_t object = fields.Number(8), kind = fields.Number(4);
      fields.Skip(4);
      if (kind == kSoftLink) {
        TextAt(heap, fields.Number(4));
        fields.Skip(12);
      } else {
        fields.Skip(16);
        children.push_back({std::string(name), object});
      }
    }
  };
  ReadTree(tree, kOfGroup, -1, 8, key, leaf);
  return children;
}

}  // namespace links::hdf5

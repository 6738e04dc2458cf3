#include "hdf5_heap.h"

#include <cstring>
#include <iterator>

#include "hdf5_handle.h"
#include "links/core/error.h"

namespace links::hdf5 {
namespace {

constexpr size_t kHeader = 16;  // of a collection and of each item
constexpr const char* kTag = "links heap reference";

template <class Number>
Number At(const unsigned char* bytes) {  // HDF5 is little-endian, as all that this runs on
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

[[noreturn]] void Damaged() {
  throw Error("a string within the file, found a damaged one");
}

/// Leaves the reference as it is in the file.
herr_t KeepReference(hid_t from, hid_t to, H5T_cdata_t* state, size_t, size_t, size_t, void*, void*, hid_t) {
  if (state->command != H5T_CONV_INIT) return 0;
  state->need_bkg = H5T_BKG_NO;
  char* tag = H5Tget_tag(to);
  const bool ours = tag != nullptr && std::strcmp(tag, kTag) == 0;
  H5free_memory(tag);
  return ours && H5Tget_size(from) == sizeof(HeapReference) ? 0 : -1;
}

}  // namespace

hid_t HeapReferenceType() {
  static const hid_t type = [] {
    const hid_t made = H5Tcreate(H5T_OPAQUE, sizeof(HeapReference));
    H5Tset_tag(made, kTag);
    const Handle text(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(text.get(), H5T_VARIABLE);
    H5Tregister(H5T_PERS_SOFT, kTag, text.get(), made, KeepReference);
    return made;
  }();
  return type;
}

TextHeap::Item TextHeap::Find(const HeapReference& reference) {
  const uint64_t length = uint64_t{At<uint32_t>(reference.data())};
  const auto address = At<uint64_t>(reference.data() + 4);
  const auto index = At<uint32_t>(reference.data() + 12);
  if (length == 0) return {};
  const auto& items = Open(address).items;
  const auto item = index > 0xFFFF ? items.end() : items.find(static_cast<uint16_t>(index));
  if (item == items.end() || item->second.size != length) Damaged();
  return item->second;
}

std::string TextHeap::Read(const HeapReference& reference, size_t most) {
  if (const auto length = At<uint32_t>(reference.data()); length > most)
    throw Error("a string of at most ", most, " bytes, found ", length);
  const Item item = Find(reference);
  std::string text(item.size, '\0');
  if (bytes_.Read(item.offset, text.data(), item.size) != item.size) Damaged();
  return text.substr(0, text.find('\0'));
}

const TextHeap::Collection& TextHeap::Open(uint64_t address) {
  if (const auto known = collections_.find(address); known != collections_.end()) return known->second;
  const uint64_t file_size = bytes_.size();
  if (base_ > file_size || address > file_size - base_) Damaged();
  unsigned char header[kHeader];
  uint64_t at = base_ + address;
  if (bytes_.Read(at, header, kHeader) != kHeader || std::memcmp(header, "GCOL\1", 5) != 0) Damaged();
  const auto size = At<uint64_t>(header + 8);
  if (size < kHeader || size > file_size - at) Damaged();
  Collection collection;
  collection.end = address + size;
  // Each byte of the file belongs to one collection at most: no file is worth more work than its size.
  const auto next = collections_.lower_bound(address);
  if (next != collections_.end() && next->first < collection.end) Damaged();
  if (next != collections_.begin() && std::prev(next)->second.end > address) Damaged();
  const uint64_t end = at + size;
  for (at += kHeader; end - at >= kHeader;) {
    if (bytes_.Read(at, header, kHeader) != kHeader) Damaged();
    at += kHeader;
    const auto index = At<uint16_t>(header);
    const auto length = At<uint64_t>(header + 8);
    if (index == 0) break;  // what is free
    if (length > end - at || !collection.items.emplace(index, Item{at, length}).second) Damaged();
    at += std::min(end - at, (length + 7) / 8 * 8);
  }
  return collections_.emplace(address, std::move(collection)).first->second;
}

}  // namespace links::hdf5

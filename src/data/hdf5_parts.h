#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <utility>

#include "hdf5_file.h"
#include "hdf5_heap.h"
#include "links/core/atomic_file.h"

namespace links::hdf5 {

struct File::Parts {
  PlainFile bytes;
  Handle file;
  Handle links;          // how links are followed: not into other files
  bool refused = false;  // such a link was met
  std::optional<TextHeap> heap;

  Parts(const std::string& path, Handle opened)
      : bytes(path), file(std::move(opened)), links(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose) {
    const auto refuse = [](const char*, const char*, const char*, const char*, unsigned*, hid_t,
                           void* met) -> herr_t {
      *static_cast<bool*>(met) = true;
      return -1;
    };
    H5Pset_elink_cb(links.get(), refuse, &refused);
  }

  TextHeap& Heap() {
    if (!heap) heap.emplace(bytes, file.get());
    return *heap;
  }

  Handle OpenSet(const std::string& name, hid_t access) const {
    return Handle(H5Dopen2(file.get(), name.c_str(), access), H5Dclose);
  }
};

}  // namespace links::hdf5

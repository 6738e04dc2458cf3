#pragma once

#include <hdf5.h>

#include <string>

#include "hdf5_file.h"
#include "hdf5_heap.h"
#include "hdf5_tables.h"
#include "links/core/atomic_file.h"

namespace links::hdf5 {

struct File::Parts {
  PlainFile bytes;
  Tables tables;
  Handle file;
  Handle links;          // how links are followed: not into other files
  bool refused = false;  // such a link was met
  TextHeap heap;

  /// `open` comes after the tables were found whole.
  template <class Open>
  Parts(const std::string& path, const std::string& what, Open open)
      : bytes(path),
        tables(path, what, bytes),
        file(open()),
        links(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose),
        heap(bytes, tables.base()) {
    const auto refuse = [](const char*, const char*, const char*, const char*, unsigned*, hid_t,
                           void* met) -> herr_t {
      *static_cast<bool*>(met) = true;
      return -1;
    };
    H5Pset_elink_cb(links.get(), refuse, &refused);
  }

  Handle OpenSet(const std::string& name, hid_t access) const {
    return Handle(H5Dopen2(file.get(), name.c_str(), access), H5Dclose);
  }
};

}  // namespace links::hdf5

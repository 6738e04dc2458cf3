#pragma once

#include <cstdint>

#include "hdf5_fields.h"

namespace links::hdf5 {

/// A data type as an object's header describes it. Throws Error unless it is one that HDF5 can decode and
/// convert within its own bytes. -> bytes of an element.
uint64_t CheckType(Fields& fields, int nested = 0);

struct Space {
  uint64_t rank = 0;
  uint64_t elements = 1;  // UINT64_MAX: more than there are numbers for
};

/// The same for a data space.
Space CheckSpace(Fields& fields);

/// The same for an attribute: its parts lie within it, and its values fill its space.
void CheckAttribute(Fields& fields);

}  // namespace links::hdf5

#pragma once

#include <hdf5.h>

#include <string>

namespace links::hdf5 {

/// Throws Error beginning with `where` unless the file itself has the bytes of the data set: none in another
/// file, none left unwritten, no more than gzip can have packed into what is stored, and no chunk that
/// inflates to another length than it declares. gzip, shuffle and Fletcher-32 are the filters it may have.
void CheckStored(hid_t set, uint64_t file_bytes, const std::string& where);

/// Bytes of the chunks that rows of the data set pass through: what a cache must hold for no chunk to be
/// inflated twice when the rows are read in order. 0 when it has no chunks.
uint64_t ChunkBytesOfRows(hid_t set);

}  // namespace links::hdf5

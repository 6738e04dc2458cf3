#include "hdf5_stored.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "hdf5_handle.h"
#include "links/core/error.h"

namespace links::hdf5 {
namespace {

constexpr uint64_t kMostChunkBytes = uint64_t{1} << 30;
constexpr uint64_t kMostChunks = 50'000'000;
constexpr uint64_t kDeflateRatio = 1032;  // the most that deflate can do
// Poses compress two or three times. More than this is fine for a small file and an attack in a large one.
constexpr uint64_t kNumbersRatio = 100;
constexpr uint64_t kSmallBytes = uint64_t{64} << 20;
constexpr uint64_t kChecksum = 4;  // bytes that Fletcher-32 adds

constexpr uint64_t kHeapReference = 16;  // bytes, of a string of variable length

/// Layout, shape and filters of a data set.
struct Layout {
  H5D_layout_t kind = H5D_LAYOUT_ERROR;
  std::vector<hsize_t> shape, chunk;
  uint64_t element = 0;  // bytes
  int filters = 0;
  int deflate = -1;           // place in the pipeline, -1 = none
  std::vector<int> fletcher;  // places
  bool numbers = false;
};

uint64_t Bytes(const std::vector<hsize_t>& shape, uint64_t element) {
  uint64_t bytes = element;
  for (const hsize_t extent : shape) {
    if (extent != 0 && bytes > UINT64_MAX / extent) return UINT64_MAX;
    bytes *= extent;
  }
  return bytes;
}

Layout ReadLayout(hid_t set, hid_t creation) {
  Layout layout;
  layout.kind = H5Pget_layout(creation);
  const Handle space(H5Dget_space(set), H5Sclose), type(H5Dget_type(set), H5Tclose);
  layout.shape.resize(static_cast<size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  H5Sget_simple_extent_dims(space.get(), layout.shape.data(), nullptr);
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) layout.shape = {0};
  const H5T_class_t kind = H5Tget_class(type.get());
  const bool variable = kind == H5T_VLEN || (kind == H5T_STRING && H5Tis_variable_str(type.get()) > 0);
  layout.element = variable ? kHeapReference : H5Tget_size(type.get());
  layout.numbers = kind == H5T_FLOAT;
  if (layout.kind == H5D_CHUNKED) {
    layout.chunk.resize(layout.shape.size());
    H5Pget_chunk(creation, static_cast<int>(layout.chunk.size()), layout.chunk.data());
  }
  return layout;
}

/// Of what the filters are made; throws unless they are harmless.
void ReadFilters(hid_t creation, Layout& layout, const std::string& where) {
  layout.filters = std::max(0, H5Pget_nfilters(creation));
  for (int i = 0; i < layout.filters; ++i) {
    unsigned flags = 0, config = 0;
    size_t values = 0;
    std::array<char, 64> name{};
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr,
                                               name.size(), name.data(), &config);
    if (filter == H5Z_FILTER_DEFLATE && layout.deflate < 0) {
      layout.deflate = i;
    } else if (filter == H5Z_FILTER_FLETCHER32) {
      layout.fletcher.push_back(i);
    } else if (filter != H5Z_FILTER_SHUFFLE) {
      throw Error(where, " stored as it is or with gzip (once), shuffle and Fletcher-32, found the filter ",
                  filter, " '", name.data(), "'");
    }
  }
}

/// To how many bytes the compressed ones inflate, as far as that is not more than `most`.
uint64_t InflatedBytes(const std::vector<unsigned char>& packed, uint64_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return 0;
  std::vector<unsigned char> scratch(static_cast<size_t>(std::min<uint64_t>(most + 1, uint64_t{1} << 16)));
  stream.next_in = const_cast<unsigned char*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  while (result == Z_OK && stream.total_out <= most) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    result = inflate(&stream, Z_NO_FLUSH);
  }
  const uint64_t bytes = stream.total_out;
  inflateEnd(&stream);
  return bytes;
}

/// HDF5 believes that a chunk is as long as it should be, and copies what lies behind a shorter one.
void CheckChunk(hid_t set, const Layout& layout, const hsize_t* corner, unsigned skipped, hsize_t bytes,
                const std::string& where) {
  const uint64_t chunk_bytes = Bytes(layout.chunk, layout.element);
  const auto applied = [skipped](int place) { return (skipped >> place & 1) == 0; };
  const bool packed = layout.deflate >= 0 && applied(layout.deflate);
  uint64_t inside = chunk_bytes, outside = 0;  // of what is packed; behind it
  for (const int place : layout.fletcher) {
    if (applied(place)) (packed && place > layout.deflate ? outside : inside) += kChecksum;
  }
  if (bytes < outside + (packed ? 0 : inside)) {
    throw Error(where, " whole, found a chunk of ", bytes, " bytes instead of ",
                outside + (packed ? 0 : inside));
  }
  if (!packed) return;
  std::vector<unsigned char> raw(bytes);
  uint32_t mask = 0;
  if (H5Dread_chunk(set, H5P_DEFAULT, corner, &mask, raw.data()) < 0)
    throw Error(where, " whole, found a truncated or damaged file");
  raw.resize(bytes - outside);
  const uint64_t inflated = InflatedBytes(raw, inside);
  if (inflated != inside) {
    throw Error(where, " in chunks of ", chunk_bytes, " bytes, found one that inflates to ",
                inflated > inside ? "more" : Concat(inflated));
  }
}

/// -> bytes stored in all chunks.
uint64_t CheckChunks(hid_t set, const Layout& layout, uint64_t file_bytes, const std::string& where) {
  std::vector<hsize_t> grid;
  for (size_t axis = 0; axis < layout.shape.size(); ++axis)
    grid.push_back((layout.shape[axis] + layout.chunk[axis] - 1) / layout.chunk[axis]);
  if (const uint64_t chunks = Bytes(grid, 1); chunks > std::min(kMostChunks, file_bytes))
    throw Error(where, " in chunks that the file has, found ", chunks, " declared in ", file_bytes, " bytes");
  uint64_t stored = 0;
  std::vector<hsize_t> at(grid.size(), 0), corner(grid.size(), 0);
  for (bool more = true; more;) {
    for (size_t axis = 0; axis < grid.size(); ++axis) corner[axis] = at[axis] * layout.chunk[axis];
    unsigned skipped = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    if (H5Dget_chunk_info_by_coord(set, corner.data(), &skipped, &address, &bytes) < 0)
      throw Error(where, " whole, found a truncated or damaged file");
    if (address == HADDR_UNDEF || bytes == 0)
      throw Error(where, " written throughout, found no data from row ", corner[0], " on");
    stored += bytes;
    if (bytes > file_bytes || stored > file_bytes)
      throw Error(where, " within the file, found chunks of more bytes than it has");
    CheckChunk(set, layout, corner.data(), skipped, bytes, where);
    more = false;
    for (size_t axis = grid.size(); axis-- > 0 && !more;) {
      more = ++at[axis] < grid[axis];
      if (!more) at[axis] = 0;
    }
  }
  return stored;
}

}  // namespace

uint64_t ChunkBytesOfRows(hid_t set) {
  const Handle creation(H5Dget_create_plist(set), H5Pclose);
  const Layout layout = ReadLayout(set, creation.get());
  if (layout.kind != H5D_CHUNKED) return 0;
  std::vector<hsize_t> slab = layout.chunk;
  for (size_t axis = 1; axis < slab.size(); ++axis) {
    if (slab[axis] != 0) slab[axis] = (layout.shape[axis] + slab[axis] - 1) / slab[axis] * slab[axis];
  }
  return Bytes(slab, layout.element);
}

void CheckStored(hid_t set, uint64_t file_bytes, const std::string& where) {
  const Handle creation(H5Dget_create_plist(set), H5Pclose);
  if (!creation) throw Error(where, " as a data set that can be read, found a damaged one");
  Layout layout = ReadLayout(set, creation.get());
  if (layout.kind == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0)
    throw Error(where, " in the file itself, found one whose data are in other files");
  ReadFilters(creation.get(), layout, where);
  const uint64_t declared = Bytes(layout.shape, layout.element);
  if (declared == 0) return;
  uint64_t stored = 0;
  if (layout.kind == H5D_CHUNKED) {
    if (std::ranges::count(layout.chunk, 0) > 0 || ChunkBytesOfRows(set) > kMostChunkBytes) {
      throw Error(where, " in chunks whose rows take at most ", kMostChunkBytes >> 20,
                  " MiB, found larger ones");
    }
    // Cheap to say before the chunks are looked at one by one.
    if (declared / kDeflateRatio > file_bytes) {
      throw Error(where, " of as many bytes as are stored, found ", declared, " declared in a file of ",
                  file_bytes);
    }
    stored = CheckChunks(set, layout, file_bytes, where);
  } else {
    stored = std::min<uint64_t>(H5Dget_storage_size(set), file_bytes);
  }
  const bool packed = layout.kind == H5D_CHUNKED && layout.deflate >= 0;  // other layouts ignore filters
  const uint64_t ratio = !packed                                    ? 1
                         : layout.numbers && declared > kSmallBytes ? kNumbersRatio
                                                                    : kDeflateRatio;
  if (declared / ratio > stored) {
    throw Error(where, " of as many bytes as are stored",
                ratio > 1 ? Concat(" (", ratio, " times as many packed)") : "", ", found ", declared,
                " declared and ", stored, " stored");
  }
}

}  // namespace links::hdf5

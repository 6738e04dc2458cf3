#include "hdf5_messages.h"

namespace links::hdf5 {
namespace {

constexpr uint64_t kMostRank = 33;  // HDF5's own, of chunks

enum Kind {
  kNothing = 0x00,
  kSpace = 0x01,
  kLinkInfo = 0x02,
  kType = 0x03,
  kOldFill = 0x04,
  kFill = 0x05,
  kLink = 0x06,
  kExternal = 0x07,
  kLayout = 0x08,
  kGroupInfo = 0x0A,
  kFilters = 0x0B,
  kAttribute = 0x0C,
  kComment = 0x0D,
  kOldTime = 0x0E,
  kContinued = 0x10,
  kSymbols = 0x11,
  kTime = 0x12,
  kTreeSizes = 0x13,
  kAttributeInfo = 0x15,
  kCount = 0x16,
  kLastKnown = 0x18,
};

void Require(bool holds, const char* otherwise) {
  if (!holds) throw Error(otherwise);
}

void AddLinkInfo(Fields& fields, ObjectParts& parts) {
  Require(fields.Number(1) == 0, "a table of links of an unknown version");
  const uint64_t flags = fields.Number(1);
  if ((flags & 1) != 0) fields.Skip(8);
  parts.in_heap = fields.Number(8) != kNowhere;
  fields.Skip((flags & 2) != 0 ? 16 : 8);
}

void AddLink(Fields& fields, ObjectParts& parts) {
  Require(fields.Number(1) == 1, "a link of an unknown version");
  const uint64_t flags = fields.Number(1);
  const uint64_t kind = (flags & 8) != 0 ? fields.Number(1) : 0;
  if ((flags & 4) != 0) fields.Skip(8);
  if ((flags & 16) != 0) fields.Skip(1);
  const auto name = fields.Take(fields.Number(size_t{1} << (flags & 3)));
  if (kind == 0) {
    parts.children.push_back({{name.begin(), name.end()}, fields.Number(8)});
  } else {
    fields.Skip(fields.Number(2));  // a path, or a path in another file
  }
}

void AddFill(Fields& fields, ObjectParts& parts) {
  const uint64_t version = fields.Number(1);
  Require(version >= 1 && version <= 3, "a fill value of an unknown version");
  bool has_value = false;
  if (version == 3) {
    has_value = (fields.Number(1) & 0x20) != 0;
  } else {
    fields.Skip(2);
    has_value = fields.Number(1) != 0;
  }
  if (!has_value) return;
  parts.fill = fields.Number(4);
  fields.Skip(*parts.fill);
}

void AddIndex(Fields& fields, uint64_t flags) {
  constexpr uint64_t kFilteredSingle = 2;
  switch (fields.Number(1)) {
    case 1:  // one chunk
      if ((flags & kFilteredSingle) != 0) fields.Skip(12);
      break;
    case 2:  // one after the other
      break;
    case 3:  // a fixed array
      fields.Skip(1);
      break;
    case 4:  // an extensible array
      fields.Skip(5);
      break;
    case 5:  // a B-tree of the second version
      fields.Skip(6);
      break;
    default:
      throw Error("chunks in an unknown order");
  }
  fields.Skip(8);
}

void AddChunks(Fields& fields, uint64_t version, uint64_t rank, ObjectParts& parts) {
  ObjectParts::Chunks chunks;
  uint64_t flags = 0, length_bytes = 4;
  if (version == 4) flags = fields.Number(1);
  chunks.rank = version < 3 ? rank : fields.Number(1);
  Require(chunks.rank >= 1 && chunks.rank <= kMostRank, "chunks of too many dimensions");
  if (version == 4) length_bytes = fields.Number(1);
  Require(length_bytes >= 1 && length_bytes <= 8, "chunks of an unknown size");
  if (version < 4) chunks.tree = fields.Number(8);
  uint64_t bytes = 1;
  for (uint64_t axis = 0; axis < chunks.rank; ++axis) {
    chunks.element = fields.Number(length_bytes);
    bytes = Product(bytes, chunks.element);
  }
  Require(bytes > 0 && bytes <= UINT32_MAX, "chunks of nothing or of more than 4 GiB");
  if (version == 4) AddIndex(fields, flags);
  parts.chunks = chunks;
}

void AddLayout(Fields& fields, ObjectParts& parts) {
  const uint64_t version = fields.Number(1);
  Require(version >= 1 && version <= 4, "data stored in an unknown way");
  const uint64_t rank = version < 3 ? fields.Number(1) : 0;
  const uint64_t kind = fields.Number(1);
  if (version < 3) fields.Skip(5);
  switch (kind) {
    case 0:  // in the header
      if (version < 3) fields.Skip(4 * rank);
      fields.Skip(fields.Number(version < 3 ? 4 : 2));
      break;
    case 1:  // in one piece
      fields.Skip(version < 3 ? 8 + 4 * rank : 16);
      break;
    case 2:
      AddChunks(fields, version, rank, parts);
      break;
    case 3:  // a virtual data set
      parts.elsewhere = true;
      break;
    default:
      throw Error("data stored in an unknown way");
  }
}

void CheckFilters(Fields& fields) {
  constexpr uint64_t kMostFilters = 32, kFirstNamed = 256;
  const uint64_t version = fields.Number(1), filters = fields.Number(1);
  Require((version == 1 || version == 2) && filters <= kMostFilters, "damaged filters");
  if (version == 1) fields.Skip(6);
  for (uint64_t filter = 0; filter < filters; ++filter) {
    const uint64_t id = fields.Number(2);
    const uint64_t name_bytes = version == 1 || id >= kFirstNamed ? fields.Number(2) : 0;
    fields.Skip(2);
    const uint64_t values = fields.Number(2);
    Fields name(fields.Take(name_bytes));
    if (name_bytes > 0) name.Text();
    fields.Skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0));
  }
}

void CheckAttributeInfo(Fields& fields) {
  Require(fields.Number(1) == 0, "a table of attributes of an unknown version");
  const uint64_t flags = fields.Number(1);
  fields.Skip((flags & 1) != 0 ? 2 : 0);
  fields.Skip((flags & 2) != 0 ? 24 : 16);
}

void CheckGroupInfo(Fields& fields) {
  Require(fields.Number(1) == 0, "a group of an unknown version");
  const uint64_t flags = fields.Number(1);
  fields.Skip(4 * ((flags & 1) + (flags >> 1 & 1)));
}

}  // namespace

void ObjectParts::Add(uint64_t kind, uint64_t flags, Fields message) {
  constexpr uint64_t kShared = 2;
  if (kind > kLastKnown) return;  // HDF5 passes over what it does not know
  Require((flags & kShared) == 0, "a type that is named elsewhere");
  const bool many = kind == kNothing || kind == kLink || kind == kAttribute || kind == kContinued;
  Require(many || (seen_ >> kind & 1) == 0, "two answers to one question");
  seen_ |= uint64_t{1} << kind;
  switch (kind) {
    case kNothing:
      break;
    case kSpace:
      space = CheckSpace(message);
      break;
    case kLinkInfo:
      AddLinkInfo(message, *this);
      break;
    case kType:
      type = CheckType(message);
      break;
    case kOldFill:  // HDF5 compares its size with an element's
      message.Skip(message.Number(4));
      break;
    case kFill:
      AddFill(message, *this);
      break;
    case kLink:
      AddLink(message, *this);
      break;
    case kExternal:
      elsewhere = true;
      break;
    case kLayout:
      AddLayout(message, *this);
      break;
    case kGroupInfo:
      CheckGroupInfo(message);
      break;
    case kFilters:
      CheckFilters(message);
      break;
    case kAttribute:
      CheckAttribute(message);
      break;
    case kComment:
      message.Text();
      break;
    case kOldTime:
      message.Skip(16);
      break;
    case kContinued:
      more.push_back({message.Number(8), message.Number(8)});
      break;
    case kSymbols:
      tree = message.Number(8);
      heap = message.Number(8);
      // HDF5 would go by the superblock's copy.
      if (tree == kNowhere || heap == kNowhere) throw Error("a group that lies nowhere");
      break;
    case kTime:
      message.Skip(8);
      break;
    case kTreeSizes:
      message.Skip(1);
      tree_sizes = {message.Number(2), message.Number(2), message.Number(2)};
      break;
    case kAttributeInfo:
      CheckAttributeInfo(message);
      break;
    case kCount:
      message.Skip(5);
      break;
    default:  // messages shared by many objects, drivers, what another process kept in memory
      throw Error("a table that none of these files has");
  }
}

void ObjectParts::Finish() const {
  if (!chunks && !fill) return;
  Require(type && space, "a data set without a type or a shape");
  Require(!fill || *fill == 0 || *fill == *type, "a fill value of another size than an element");
  if (chunks) Require(chunks->rank == space->rank + 1 && chunks->element == *type, "chunks of another shape");
}

}  // namespace links::hdf5

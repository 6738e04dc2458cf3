#include "hdf5_type_check.h"

#include <bit>

namespace links::hdf5 {
namespace {

constexpr int kMostNested = 16;
constexpr uint64_t kMostRank = 32;         // HDF5's own
constexpr uint64_t kMostNumberBytes = 16;  // of an integer or a floating-point number

enum TypeClass { kInteger, kReal, kTime, kText, kBits, kOpaque, kCompound, kReference, kEnum, kList, kArray };

void Require(bool holds, const char* otherwise) {
  if (!holds) throw Error(otherwise);
}

/// A name of a member or value; before version 3 it is filled up to a multiple of 8 bytes.
void SkipName(Fields& fields, uint64_t version) {
  const size_t length = fields.Text().size();
  if (version < 3) fields.Skip((length + 8) / 8 * 8 - (length + 1));
}

void CheckNumber(Fields& fields, uint64_t kind, uint64_t bits, uint64_t size) {
  const auto within = [size](uint64_t begin, uint64_t length) {
    return length > 0 && begin + length <= 8 * size;
  };
  bool sane = size <= kMostNumberBytes;
  const uint64_t begin = fields.Number(2), length = fields.Number(2);
  sane = sane && within(begin, length);
  if (kind == kReal) {
    const uint64_t exponent = fields.Number(1), exponent_bits = fields.Number(1);
    const uint64_t mantissa = fields.Number(1), mantissa_bits = fields.Number(1);
    fields.Skip(4);  // the bias
    sane = sane && within(exponent, exponent_bits) && within(mantissa, mantissa_bits) &&
           (bits >> 8 & 0xFF) < 8 * size;
  }
  Require(sane, "a number with bits that it does not have");
}

void CheckCompound(Fields& fields, uint64_t version, uint64_t members, uint64_t size, int nested) {
  Require(members > 0, "a compound type of nothing");
  const auto offset_bytes = static_cast<size_t>((std::bit_width(size) + 7) / 8);
  for (uint64_t member = 0; member < members; ++member) {
    SkipName(fields, version);
    const uint64_t offset = fields.Number(version < 3 ? 4 : offset_bytes);
    if (version == 1) {
      Require(fields.Number(1) == 0, "an array in a compound type of the first version");
      fields.Skip(27);
    }
    const uint64_t bytes = CheckType(fields, nested + 1);
    Require(offset <= size && bytes <= size - offset, "a compound type whose members reach beyond it");
  }
}

void CheckEnum(Fields& fields, uint64_t version, uint64_t values, uint64_t size, int nested) {
  Fields base = fields;
  Require((base.Number(1) & 0x0F) == kInteger, "an enumeration of what are no integers");
  Require(CheckType(fields, nested + 1) == size, "an enumeration of another size than its integers");
  for (uint64_t value = 0; value < values; ++value) SkipName(fields, version);
  fields.Skip(values * size);
}

void CheckArray(Fields& fields, uint64_t version, uint64_t size, int nested) {
  const uint64_t rank = fields.Number(1);
  Require(rank >= 1 && rank <= kMostRank, "an array type of too many dimensions");
  if (version < 3) fields.Skip(3);
  uint64_t elements = 1;
  for (uint64_t axis = 0; axis < rank; ++axis) elements = Product(elements, fields.Number(4));
  if (version < 3) fields.Skip(4 * rank);
  Require(Product(elements, CheckType(fields, nested + 1)) == size,
          "an array type of another size than its elements");
}

}  // namespace

uint64_t CheckType(Fields& fields, int nested) {
  Require(nested <= kMostNested, "a type nested too deeply");
  const uint64_t first = fields.Number(1), bits = fields.Number(3), size = fields.Number(4);
  const uint64_t kind = first & 0x0F, version = first >> 4;
  Require(version >= 1 && version <= 3 && size > 0, "a type of an unknown version or without a size");
  switch (kind) {
    case kInteger:
    case kReal:
    case kBits:
      CheckNumber(fields, kind, bits, size);
      break;
    case kTime:
      Require(size <= kMostNumberBytes && fields.Number(2) <= 8 * size, "a time of another size");
      break;
    case kText:
      Require((bits & 0x0F) <= 2 && (bits >> 4 & 0x0F) <= 1, "a string of an unknown kind");
      break;
    case kOpaque:
      fields.Skip(bits & 0xFF);
      break;
    case kCompound:
      CheckCompound(fields, version, bits & 0xFFFF, size, nested);
      break;
    case kReference:
      Require(size == ((bits & 0x0F) == 0 ? 8 : 12) && (bits & 0x0F) <= 1, "a reference of an unknown kind");
      break;
    case kEnum:
      CheckEnum(fields, version, bits & 0xFFFF, size, nested);
      break;
    case kList:
      Require((bits & 0x0F) <= 1 && size == 16, "a list of an unknown kind");
      CheckType(fields, nested + 1);
      break;
    case kArray:
      CheckArray(fields, version, size, nested);
      break;
    default:
      throw Error("a type of an unknown class");
  }
  return size;
}

Space CheckSpace(Fields& fields) {
  const uint64_t version = fields.Number(1), rank = fields.Number(1), flags = fields.Number(1);
  Require((version == 1 || version == 2) && rank <= kMostRank && flags <= 1, "a damaged data space");
  const uint64_t kind = fields.Number(1);  // scalar, simple, empty; reserved in version 1
  if (version == 1) fields.Skip(4);
  Require(version == 1 || (kind <= 2 && (kind == 1) == (rank > 0)), "a damaged data space");
  Space space{rank};
  for (uint64_t axis = 0; axis < rank; ++axis) space.elements = Product(space.elements, fields.Number(8));
  if (flags == 1) fields.Skip(8 * rank);  // the most of each axis
  if (version == 2 && kind == 2) space.elements = 0;
  return space;
}

void CheckAttribute(Fields& fields) {
  const uint64_t version = fields.Number(1), flags = fields.Number(1);
  Require(version >= 1 && version <= 3, "an attribute of an unknown version");
  Require(version == 1 || flags == 0, "an attribute whose type is named elsewhere");
  const uint64_t name_bytes = fields.Number(2), type_bytes = fields.Number(2), space_bytes = fields.Number(2);
  if (version == 3) Require(fields.Number(1) <= 1, "an attribute in an unknown encoding");
  // Parts of the first version are filled up to a multiple of 8 bytes.
  const auto part = [&](uint64_t bytes) {
    const Fields taken(fields.Take(bytes));
    if (version == 1) fields.Skip((bytes + 7) / 8 * 8 - bytes);
    return taken;
  };
  Fields name = part(name_bytes), type = part(type_bytes), space = part(space_bytes);
  name.Text();
  Require(name.left() == 0, "an attribute whose name ends too early");
  const uint64_t bytes = Product(CheckType(type), CheckSpace(space).elements);
  Require(bytes <= fields.left(), "an attribute of more values than it has");
}

}  // namespace links::hdf5

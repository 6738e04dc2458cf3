#include "pickle.h"

#include <bit>
#include <cstring>
#include <deque>
#include <unordered_map>

#include "links/core/error.h"

namespace links {
namespace {

/// What the stack of a pickle holds: a value, or a piece of numpy's way to write an array.
struct Item {
  enum class Kind { kValue, kMark, kGlobal, kType, kTuple, kArrayToBe };
  Kind kind = Kind::kValue;
  NumpyValue value;          // also the text of a global's name, a type's code and of bytes
  std::vector<Item*> parts;  // of a tuple, a list or a dictionary (key, value, key, value, ...)
};
using ItemPointer = Item*;  // into the machine's items: a list may hold itself

constexpr size_t kMaxItems = 10'000'000;

class Machine {
 public:
  Machine(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  NumpyValue Run() {
    while (true) {
      const auto code = static_cast<unsigned char>(Take(1)[0]);
      if (code == '.') return Value(*Pop(), 0);
      Step(code);
      if (++steps_ > kMaxItems) Fail("too many steps");
    }
  }

 private:
  [[noreturn]] void Fail(const std::string& found) const {
    throw Error(where_, ": expected a pickle of dictionaries, lists and arrays of numbers, found ", found);
  }

  std::string_view Take(size_t count) {
    if (count > bytes_.size()) Fail("its end too early");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  uint64_t Number(size_t width) {
    const std::string_view part = Take(width);
    uint64_t value = 0;
    for (size_t i = 0; i < width; ++i) value |= uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    return value;
  }
  std::string Line() {
    const size_t end = bytes_.find('\n');
    if (end == std::string_view::npos) Fail("its end too early");
    std::string line(Take(end));
    Take(1);
    return line;
  }

  ItemPointer Make() { return &items_.emplace_back(); }
  void Push(ItemPointer item) { stack_.push_back(item); }
  void PushNumber(double number) {
    auto item = Make();
    item->value.kind = NumpyValue::Kind::kNumber;
    item->value.number = number;
    Push(item);
  }
  void PushText(std::string_view text) {
    auto item = Make();
    item->value.kind = NumpyValue::Kind::kText;
    item->value.text = text;
    Push(item);
  }
  void PushOf(NumpyValue::Kind kind) {
    auto item = Make();
    item->value.kind = kind;
    Push(item);
  }
  ItemPointer Pop() {
    if (stack_.empty()) Fail("a stack that is empty");
    ItemPointer item = stack_.back();
    stack_.pop_back();
    return item;
  }
  ItemPointer& Top() {
    if (stack_.empty()) Fail("a stack that is empty");
    return stack_.back();
  }
  std::vector<ItemPointer> PopToMark() {
    std::vector<ItemPointer> items;
    for (;;) {
      ItemPointer item = Pop();
      if (item->kind == Item::Kind::kMark) break;
      items.insert(items.begin(), item);
      if (items.size() > 100'000) Fail("too many items");
    }
    return items;
  }
  void PushTuple(std::vector<ItemPointer> parts) {
    auto item = Make();
    item->kind = Item::Kind::kTuple;
    item->value.kind = NumpyValue::Kind::kList;
    item->parts = std::move(parts);
    Push(item);
  }
  void PushTuple(size_t count) {
    std::vector<ItemPointer> parts(count);
    for (size_t i = count; i-- > 0;) parts[i] = Pop();
    PushTuple(std::move(parts));
  }
  void Append(std::vector<ItemPointer> items) {
    Item& list = *Top();
    list.parts.insert(list.parts.end(), items.begin(), items.end());
  }
  void Mark() {
    auto item = Make();
    item->kind = Item::Kind::kMark;
    Push(item);
  }

  void Memo(uint64_t key) { memo_[key] = Top(); }
  void Recall(uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) Fail("a reference to nothing");
    Push(found->second);
  }

  void Step(unsigned char code) {
    switch (code) {
      case 0x80:
        Take(1);
        return;  // protocol
      case 0x95:
        Take(8);
        return;  // frame
      case '(':
        Mark();
        return;
      case '0':
        Pop();
        return;
      case 'N':
        PushOf(NumpyValue::Kind::kNone);
        return;
      case 0x88:
        PushNumber(1);
        return;
      case 0x89:
        PushNumber(0);
        return;
      case 'K':
        PushNumber(static_cast<double>(Number(1)));
        return;
      case 'M':
        PushNumber(static_cast<double>(Number(2)));
        return;
      case 'J':
        PushNumber(static_cast<int32_t>(Number(4)));
        return;
      case 0x8A:
        return Long();
      case 'I':
      case 'L':
        return NumberOfLine();
      case 'G':
        return BigEndianDouble();
      case 'X':
        return PushText(Take(Number(4)));
      case 0x8C:
        return PushText(Take(Number(1)));
      case 0x8D:
      case 0x8E:
        return PushText(Take(Number(8)));
      case 'U':
      case 'C':
        return PushText(Take(Number(1)));
      case 'T':
      case 'B':
        return PushText(Take(Number(4)));
      case '}':
        return PushOf(NumpyValue::Kind::kDictionary);
      case ']':
        return PushOf(NumpyValue::Kind::kList);
      case ')':
        return PushTuple(0);
      case 0x85:
        return PushTuple(1);
      case 0x86:
        return PushTuple(2);
      case 0x87:
        return PushTuple(3);
      case 't':
        return PushTuple(PopToMark());
      case 'a': {
        ItemPointer item = Pop();
        return Append({item});
      }
      case 'e':
        return Append(PopToMark());
      case 's': {
        ItemPointer value = Pop(), key = Pop();
        return Append({key, value});
      }
      case 'u':
        return Append(PopToMark());
      case 'q':
        return Memo(Number(1));
      case 'r':
        return Memo(Number(4));
      case 0x94:
        return Memo(memo_.size());
      case 'h':
        return Recall(Number(1));
      case 'j':
        return Recall(Number(4));
      case 'c': {
        const std::string module = Line();
        return Global(module, Line());
      }
      case 0x93: {
        const ItemPointer name = Pop(), module = Pop();
        return Global(module->value.text, name->value.text);
      }
      case 'R':
        return Reduce();
      case 'b':
        return Build();
      default:
        Fail(Concat("the operation ", static_cast<int>(code)));
    }
  }

  void Long() {
    const size_t width = Number(1);
    if (width > 8) Fail("a number beyond 64 bits");
    const bool negative =
        width > 0 && (static_cast<unsigned char>(bytes_.size() >= width ? bytes_[width - 1] : 0) & 0x80) != 0;
    uint64_t value = Number(width);
    if (negative && width < 8) value |= ~uint64_t{0} << (8 * width);
    PushNumber(static_cast<double>(static_cast<int64_t>(value)));
  }
  void NumberOfLine() {
    const std::string line = Line();
    char* end = nullptr;
    PushNumber(std::strtod(line.c_str(), &end));
    if (end == line.c_str()) Fail("a number that is none");
  }
  void BigEndianDouble() {
    uint64_t bits = 0;
    for (const char byte : Take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
    PushNumber(std::bit_cast<double>(bits));
  }

  void Global(const std::string& module, const std::string& name) {
    const bool numpy = module == "numpy" || module == "numpy.core.multiarray" ||
                       module == "numpy._core.multiarray" || module == "numpy.core.numeric" ||
                       module == "numpy._core.numeric";
    const bool encode = module == "_codecs" && name == "encode";
    const bool known =
        encode ||
        (numpy && (name == "ndarray" || name == "dtype" || name == "_reconstruct" || name == "scalar"));
    if (!known)
      Fail(Concat("the name ", module.substr(0, 40), ".", name.substr(0, 40), ", which is not run"));
    auto item = Make();
    item->kind = Item::Kind::kGlobal;
    item->value.text = name;
    Push(item);
  }

  void Reduce() {
    const ItemPointer arguments = Pop(), callee = Pop();
    if (callee->kind != Item::Kind::kGlobal || arguments->kind != Item::Kind::kTuple)
      Fail("a call of something else");
    const auto& parts = arguments->parts;
    const std::string& name = callee->value.text;
    auto item = Make();
    if (name == "dtype" && !parts.empty()) {
      item->kind = Item::Kind::kType;
      item->value.text = parts[0]->value.text;
    } else if (name == "_reconstruct") {
      item->kind = Item::Kind::kArrayToBe;
    } else if (name == "scalar" && parts.size() == 2) {
      const NumpyValue one = NumbersOf(Type(*parts[0]), {1}, false, parts[1]->value.text, where_);
      item->value.kind = NumpyValue::Kind::kNumber;
      item->value.number = one.values[0];
    } else if (name == "encode" && !parts.empty()) {  // bytes as Latin-1 in UTF-8
      item->value.kind = NumpyValue::Kind::kText;
      item->value.text = FromLatin1(parts[0]->value.text);
    } else {
      Fail(Concat("a call of ", name));
    }
    Push(item);
  }

  std::string FromLatin1(const std::string& text) const {
    std::string bytes;
    for (size_t i = 0; i < text.size(); ++i) {
      const auto letter = static_cast<unsigned char>(text[i]);
      if (letter < 0x80) {
        bytes += text[i];
      } else if ((letter & 0xFC) == 0xC0 && i + 1 < text.size()) {
        bytes += static_cast<char>((letter & 3) << 6 | (text[++i] & 0x3F));
      } else {
        Fail("bytes that are not Latin-1");
      }
    }
    return bytes;
  }

  /// The state of a type (byte order) or of an array (version, shape, type, order, data).
  void Build() {
    const ItemPointer state = Pop();
    Item& item = *Top();
    const auto& parts = state->parts;
    if (item.kind == Item::Kind::kType) {
      if (parts.size() > 1 && parts[1]->value.kind == NumpyValue::Kind::kText)
        item.value.text = parts[1]->value.text + item.value.text;
      return;
    }
    if (item.kind != Item::Kind::kArrayToBe || parts.size() != 5 || parts[2]->kind != Item::Kind::kType)
      Fail("a state of something else");
    std::vector<size_t> shape;
    for (const ItemPointer& size : parts[1]->parts) {
      if (!(size->value.number >= 0 && size->value.number < 1e9)) Fail("an array of a strange shape");
      shape.push_back(static_cast<size_t>(size->value.number));
    }
    item.kind = Item::Kind::kValue;
    const std::string type = Type(*parts[2]);
    if (type.ends_with("O8") || type.ends_with("O")) {
      item.value.kind = NumpyValue::Kind::kList;
      item.parts = parts[4]->parts;
    } else {
      item.value = NumbersOf(type, shape, parts[3]->value.number != 0, parts[4]->value.text, where_);
    }
  }

  std::string Type(const Item& item) const { return item.value.text; }

  NumpyValue Value(const Item& item, int depth) const {
    if (depth > 50 || ++values_ > kMaxItems) Fail("too many levels or values");
    if (item.kind != Item::Kind::kValue && item.kind != Item::Kind::kTuple)
      Fail("an object that is not whole");
    NumpyValue value = item.value;
    if (value.kind == NumpyValue::Kind::kDictionary) {
      if (item.parts.size() % 2 != 0) Fail("a key without a value");
      for (size_t i = 0; i < item.parts.size(); i += 2) {
        const NumpyValue& key = item.parts[i]->value;
        const std::string name = key.kind == NumpyValue::Kind::kNumber ? Concat(key.number) : key.text;
        value.entries.emplace_back(name, std::make_shared<NumpyValue>(Value(*item.parts[i + 1], depth + 1)));
      }
    } else if (value.kind == NumpyValue::Kind::kList) {
      for (const ItemPointer& part : item.parts)
        value.items.push_back(std::make_shared<NumpyValue>(Value(*part, depth + 1)));
    }
    return value;
  }

  std::string_view bytes_;
  const std::string& where_;
  std::deque<Item> items_;
  std::vector<ItemPointer> stack_;
  std::unordered_map<uint64_t, ItemPointer> memo_;
  size_t steps_ = 0;
  mutable size_t values_ = 0;
};

template <class Number>
void Convert(std::string_view data, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    Number number;
    std::memcpy(&number, data.data() + i * sizeof number, sizeof number);
    values[i] = static_cast<double>(number);
  }
}

}  // namespace

NumpyValue ReadPickle(std::string_view bytes, const std::string& where) {
  NumpyValue value = Machine(bytes, where).Run();
  // An array () of one object stands for the object.
  if (value.kind == NumpyValue::Kind::kList && value.items.size() == 1) return *value.items[0];
  return value;
}

NumpyValue NumbersOf(const std::string& type, const std::vector<size_t>& shape, bool columns,
                     std::string_view data, const std::string& where) {
  NumpyValue value;
  value.kind = NumpyValue::Kind::kArray;
  value.shape = shape;
  const std::string code = type.size() > 2 ? type.substr(type.size() - 2) : type;
  const size_t width =
      code.size() == 2 && std::isdigit(static_cast<unsigned char>(code[1])) ? code[1] - '0' : 0;
  size_t count = 1;
  for (const size_t size : shape) {
    if (size != 0 && count > (size_t{1} << 31) / size)
      throw Error(where, ": expected an array of less than 2^31 numbers, found more");
    count *= size;
  }
  if (type.starts_with('>') || width == 0 || data.size() < count * width || (columns && shape.size() > 1)) {
    throw Error(where, ": expected numbers in little-endian rows, found the type '", type.substr(0, 20),
                "' or another order");
  }
  value.values.resize(count);
  if (code == "f8")
    Convert<double>(data, value.values);
  else if (code == "f4")
    Convert<float>(data, value.values);
  else if (code == "i8")
    Convert<int64_t>(data, value.values);
  else if (code == "i4")
    Convert<int32_t>(data, value.values);
  else if (code == "i2")
    Convert<int16_t>(data, value.values);
  else if (code == "u1" || code == "b1")
    Convert<uint8_t>(data, value.values);
  else
    throw Error(where, ": expected numbers, found the type '", type.substr(0, 20), "'");
  return value;
}

}  // namespace links

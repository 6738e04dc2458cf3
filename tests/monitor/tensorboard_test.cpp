#include "links/monitor/tensorboard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

#include "links/core/error.h"

namespace links {
namespace {

namespace fs = std::filesystem;

// A reader that shares nothing with the writer: bitwise CRC, recursive-free protobuf scan.
uint32_t BitwiseCrc32c(const std::string& bytes) {
  uint32_t crc = 0xffffffffu;
  for (unsigned char byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool odd = (crc ^ (byte >> bit)) & 1;
      crc >>= 1;
      if (odd) crc ^= 0x82F63B78u;
    }
  }
  return crc ^ 0xffffffffu;
}

uint32_t Masked(const std::string& bytes) {
  const uint32_t crc = BitwiseCrc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

struct Field {
  int number;
  uint64_t integer = 0;  // varint, fixed32 or fixed64
  std::string bytes;
};

template <class T>
T Take(const std::string& data, size_t& at) {
  if (at + sizeof(T) > data.size()) throw std::runtime_error("cut short");
  T value;
  std::memcpy(&value, data.data() + at, sizeof value);
  at += sizeof value;
  return value;
}

uint64_t TakeVarint(const std::string& data, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = Take<uint8_t>(data, at);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

std::vector<Field> Fields(const std::string& message) {
  std::vector<Field> fields;
  for (size_t at = 0; at < message.size();) {
    const uint64_t key = TakeVarint(message, at);
    Field field{static_cast<int>(key >> 3), 0, ""};
    switch (key & 7) {
      case 0:
        field.integer = TakeVarint(message, at);
        break;
      case 1:
        field.integer = Take<uint64_t>(message, at);
        break;
      case 5:
        field.integer = Take<uint32_t>(message, at);
        break;
      case 2: {
        const uint64_t size = TakeVarint(message, at);
        if (at + size > message.size()) throw std::runtime_error("cut short");
        field.bytes = message.substr(at, size);
        at += size;
        break;
      }
      default:
        throw std::runtime_error("unknown wire type");
    }
    fields.push_back(field);
  }
  return fields;
}

struct Event {
  double wall_time = 0;
  int64_t step = 0;
  std::string file_version;
  std::map<std::string, float> scalars;
};

template <class To, class From>
To Bits(From from) {
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

std::vector<Event> ReadEvents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string data{std::istreambuf_iterator<char>(in), {}};
  std::vector<Event> events;
  for (size_t at = 0; at < data.size();) {
    const std::string length_bytes = data.substr(at, 8);
    const auto length = Take<uint64_t>(data, at);
    EXPECT_EQ(Take<uint32_t>(data, at), Masked(length_bytes));
    const std::string record = data.substr(at, length);
    at += length;
    EXPECT_EQ(Take<uint32_t>(data, at), Masked(record));
    Event event;
    for (const Field& field : Fields(record)) {
      if (field.number == 1) event.wall_time = Bits<double>(field.integer);
      if (field.number == 2) event.step = static_cast<int64_t>(field.integer);
      if (field.number == 3) event.file_version = field.bytes;
      if (field.number != 5) continue;
      for (const Field& value : Fields(field.bytes)) {
        EXPECT_EQ(value.number, 1);
        std::string tag;
        std::optional<float> number;
        for (const Field& part : Fields(value.bytes)) {
          if (part.number == 1) tag = part.bytes;
          if (part.number == 2) number = Bits<float>(static_cast<uint32_t>(part.integer));
        }
        EXPECT_TRUE(number.has_value()) << tag;
        event.scalars[tag] = number.value_or(0);
      }
    }
    events.push_back(event);
  }
  return events;
}

class TensorBoard : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = (fs::path(testing::TempDir()) / "tensorboard_test").string();
    fs::remove_all(directory_);
  }
  std::string directory_;
};

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);            // the check value of the CRC catalogue
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720 B.4
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST_F(TensorBoard, AnIndependentReaderGetsTheScalarsBack) {
  const double before = static_cast<double>(std::time(nullptr));
  TensorBoardWriter writer(directory_);
  writer.AddScalars(0, {{"legs/loss", 1.5}});
  writer.AddScalars(1LL << 40, {{"legs/loss", -2.25e-3}, {std::string(200, 'x') + "/y", 1e30}});
  writer.AddScalars(3, {{"legs/nan", NAN}});
  const auto events = ReadEvents(writer.path());  // while the writer is open: all has been flushed
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  EXPECT_EQ(events[1].step, 0);
  EXPECT_EQ(events[1].scalars, (std::map<std::string, float>{{"legs/loss", 1.5f}}));
  EXPECT_EQ(events[2].step, 1LL << 40);
  EXPECT_EQ(events[2].scalars,
            (std::map<std::string, float>{{"legs/loss", -2.25e-3f}, {std::string(200, 'x') + "/y", 1e30f}}));
  EXPECT_TRUE(std::isnan(events[3].scalars.at("legs/nan")));
  for (const Event& event : events) {
    EXPECT_GE(event.wall_time, before);
    EXPECT_LT(event.wall_time, before + 60);
  }
}

// The message in the field of this number, of the first that has it.
std::string Message(const std::string& bytes, int number) {
  for (const Field& field : Fields(bytes)) {
    if (field.number == number) return field.bytes;
  }
  return "none";
}

// The values of a file's summaries.
std::vector<std::string> Summaries(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> values;
  for (size_t at = 0; at < file.size();) {
    const auto length = Take<uint64_t>(file, at);
    at += 4;
    const std::string record = file.substr(at, length);
    at += length + 4;
    if (const std::string summary = Message(record, 5); summary != "none")
      values.push_back(Message(summary, 1));
  }
  return values;
}

TEST_F(TensorBoard, APictureSaysHowLargeItIs) {
  TensorBoardWriter writer(directory_);
  // A PNG's signature, and its first chunk: length, name, width 0x0102, height 3.
  const std::string png = std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\2\0\0\0\3\x8\2", 26);
  writer.AddPicture(7, "lifters/poses", png);
  const auto values = Summaries(writer.path());
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(Message(values[0], 1), "lifters/poses");
  const auto image = Fields(Message(values[0], 4));
  ASSERT_EQ(image.size(), 4u);
  EXPECT_EQ(image[0].integer, 3u);
  EXPECT_EQ(image[1].integer, 0x102u);
  EXPECT_EQ(image[3].bytes, png);
  EXPECT_THROW(writer.AddPicture(8, "x", "\x89PNG"), Error);
}

TEST_F(TensorBoard, TextsAndHyperparametersAreWhatTheirPluginsRead) {
  TensorBoardWriter writer(directory_);
  writer.AddText("configuration", "seed: 3");
  writer.AddHyperparameters({{"lifters.width", "8"}}, {"lifters/error"});
  const auto values = Summaries(writer.path());
  ASSERT_EQ(values.size(), 3u);
  const auto plugin = [](const std::string& value) { return Message(Message(value, 9), 1); };
  EXPECT_EQ(Message(values[0], 1), "configuration");
  EXPECT_EQ(Message(plugin(values[0]), 1), "text");
  EXPECT_EQ(Message(Message(values[0], 8), 8), "seed: 3");
  EXPECT_EQ(Message(values[2], 1), "_hparams_/session_start_info");
  const std::string option = Message(Message(Message(plugin(values[2]), 2), 3), 1);
  EXPECT_EQ(Message(option, 1), "lifters.width");
  EXPECT_EQ(Message(Message(option, 2), 3), "8");
  const std::string metric = Message(Message(Message(plugin(values[1]), 2), 2), 5);
  EXPECT_EQ(Message(Message(metric, 1), 2), "lifters/error");
}

TEST_F(TensorBoard, EachWriterHasItsOwnFileAndNamesSortByTime) {
  std::vector<std::string> paths;
  for (int i = 0; i < 12; ++i) paths.push_back(TensorBoardWriter(directory_).path());
  for (size_t i = 1; i < paths.size(); ++i) EXPECT_LT(paths[i - 1], paths[i]);
}

TEST_F(TensorBoard, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(directory_) << "a file";
  EXPECT_THROW(TensorBoardWriter{directory_}, Error);
  EXPECT_THROW(TensorBoardWriter{directory_ + "/below"}, Error);
}

}  // namespace
}  // namespace links

#include "links/monitor/tensorboard.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "links/core/error.h"
#include "links/core/little_endian.h"

namespace links {
namespace {

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78u : 0u);
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

std::string MaskedCrc(std::string_view bytes) {
  const uint32_t crc = Crc32c(bytes);
  return LittleEndian(((crc >> 15) | (crc << 17)) + 0xa282ead8u, 4);
}

// The four protobuf encodings in use, each with its field number.
std::string Key(int field, int wire_type) {
  return {static_cast<char>(field << 3 | wire_type)};
}

std::string Varint(int field, uint64_t value) {
  std::string bytes = Key(field, 0);
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes + static_cast<char>(value);
}

std::string Double(int field, double value) {
  return Key(field, 1) + LittleEndian(std::bit_cast<uint64_t>(value), 8);
}

std::string Float(int field, float value) {
  return Key(field, 5) + LittleEndian(std::bit_cast<uint32_t>(value), 4);
}

std::string Bytes(int field, const std::string& value) {
  std::string length = Varint(field, value.size());
  length[0] = Key(field, 2)[0];
  return length + value;
}

// tensorflow.Summary with one value of a plug-in: tag = 1, metadata = 9 {plugin_data = 1 {plugin_name = 1,
// content = 2}}, then what else it has.
std::string PluginSummary(const std::string& tag, const std::string& plugin, const std::string& content,
                          const std::string& more = "") {
  const std::string data = Bytes(1, plugin) + (content.empty() ? "" : Bytes(2, content));
  return Bytes(1, Bytes(1, tag) + Bytes(9, Bytes(1, data)) + more);
}

// tensorflow.Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
std::string Event(int64_t step, int content_field, const std::string& content) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return Double(1, now.count()) + Varint(2, static_cast<uint64_t>(step)) + Bytes(content_field, content);
}

std::string NewFileName(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) throw Error("expected to make the folder '", directory, "', found: ", failure.message());
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  for (int count = 0;; ++count) {
    char name[64];
    std::snprintf(name, sizeof name, "events.out.tfevents.%010lld.links.%04d",
                  static_cast<long long>(seconds), count);
    const std::filesystem::path path = std::filesystem::path(directory) / name;
    if (!std::filesystem::exists(path)) return path.string();
  }
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  return ~crc;
}

TensorBoardWriter::TensorBoardWriter(const std::string& directory)
    : path_(NewFileName(directory)), file_(path_, std::ios::binary) {
  WriteRecord(Event(0, 3, "brain.Event:2"));
}

void TensorBoardWriter::AddScalars(int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;  // tensorflow.Summary: value = 1 {tag = 1, simple_value = 2}
  for (const auto& [tag, value] : scalars) {
    summary += Bytes(1, Bytes(1, tag) + Float(2, static_cast<float>(value)));
  }
  WriteRecord(Event(step, 5, summary));
}

// tensor = 8 {dtype = 1 (7: string), tensor_shape = 2 {dim = 2 {size = 1}}, string_val = 8}
void TensorBoardWriter::AddText(const std::string& tag, const std::string& text) {
  const std::string shape = Bytes(2, Bytes(2, Varint(1, 1)));
  const std::string tensor = Varint(1, 7) + shape + Bytes(8, text);
  WriteRecord(Event(0, 5, PluginSummary(tag, "text", "", Bytes(8, tensor))));
}

// image = 4 {height = 1, width = 2, colorspace = 3 (3: RGB), encoded_image_string = 4}
void TensorBoardWriter::AddPicture(int64_t step, const std::string& tag, const std::string& png) {
  constexpr size_t kWidth = 16, kHeight = 20;  // where a PNG's first chunk has them, big-endian
  if (png.size() < kHeight + 4) throw Error("expected a PNG for '", tag, "', found ", png.size(), " bytes");
  const auto size_at = [&](size_t at) {
    uint64_t size = 0;
    for (size_t i = at; i < at + 4; ++i) size = size << 8 | static_cast<unsigned char>(png[i]);
    return size;
  };
  const std::string image =
      Varint(1, size_at(kHeight)) + Varint(2, size_at(kWidth)) + Varint(3, 3) + Bytes(4, png);
  WriteRecord(Event(step, 5, Bytes(1, Bytes(1, tag) + Bytes(4, image))));
}

// HParamsPluginData: experiment = 2 {hparam_infos = 4 {name = 1, type = 4 (1: string)}, metric_infos = 5
// {name = 1 {tag = 2}}}; session_start_info = 3 {hparams = 1 {key = 1, value = 2 {string_value = 3}},
// start_time_secs = 5}.
void TensorBoardWriter::AddHyperparameters(const std::vector<std::pair<std::string, std::string>>& options,
                                           const std::vector<std::string>& tags) {
  std::string experiment, start;
  for (const auto& [name, value] : options) {
    experiment += Bytes(4, Bytes(1, name) + Varint(4, 1));
    start += Bytes(1, Bytes(1, name) + Bytes(2, Bytes(3, value)));
  }
  for (const std::string& tag : tags) experiment += Bytes(5, Bytes(1, Bytes(2, tag)));
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  start += Double(5, now.count());
  WriteRecord(Event(0, 5, PluginSummary("_hparams_/experiment", "hparams", Bytes(2, experiment))));
  WriteRecord(Event(0, 5, PluginSummary("_hparams_/session_start_info", "hparams", Bytes(3, start))));
}

void TensorBoardWriter::WriteRecord(std::string_view data) {
  const std::string length = LittleEndian(data.size(), 8);
  file_ << length << MaskedCrc(length) << data << MaskedCrc(data) << std::flush;
  if (!file_) throw Error("expected to write TensorBoard events to '", path_, "', found that writing failed");
}

}  // namespace links

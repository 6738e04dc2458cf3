#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace links {

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `bytes`.
uint32_t Crc32c(std::string_view bytes);

/// Writes scalars, texts, pictures and hyperparameters to a TensorBoard event file: TFRecords (uint64 length,
/// masked CRC-32C of it, data, masked CRC-32C of the data; little-endian) that hold tensorflow.Event
/// messages.
class TensorBoardWriter {
 public:
  /// Starts a new file in `directory`, made if absent; TensorBoard reads the files of a folder in the order
  /// of names.
  explicit TensorBoardWriter(const std::string& directory);

  /// One event with the scalars (tag, value), which reaches the file before the call returns. Throws Error if
  /// not.
  void AddScalars(int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

  /// A text under a tag, shown as Markdown.
  void AddText(const std::string& tag, const std::string& text);

  /// A picture under a tag, the bytes of a PNG.
  void AddPicture(int64_t step, const std::string& tag, const std::string& png);

  /// What the HPARAMS tab lists of the run: options as (name, value), and which scalars' tags it sets beside
  /// them.
  void AddHyperparameters(const std::vector<std::pair<std::string, std::string>>& options,
                          const std::vector<std::string>& tags);

  const std::string& path() const { return path_; }

 private:
  void WriteRecord(std::string_view data);

  std::string path_;
  std::ofstream file_;
};

}  // namespace links

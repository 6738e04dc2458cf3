#include "links/core/fingerprint.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <map>
#include <mutex>
#include <sstream>
#include <tuple>
#include <vector>

#include "links/core/error.h"

namespace links {
namespace {

constexpr uint64_t kBasis = 0xcbf29ce484222325u, kPrime = 0x100000001b3u;

// FNV-1a by words of eight bytes, and a shift that brings the high half down: bytes of files of gigabytes one
// by one take seconds.
uint64_t AddWords(uint64_t hash, const char* bytes, size_t size) {
  for (; size >= sizeof(uint64_t); bytes += sizeof(uint64_t), size -= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  for (size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(bytes[i])) * kPrime;
  return hash;
}

std::string Hash(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto fail = [&] { throw Error("cannot read '", path, "': ", std::strerror(errno ? errno : EIO)); };
  if (!file) fail();
  std::vector<char> block(1 << 20);
  uint64_t hash = kBasis, bytes = 0;
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    if (file.bad()) fail();
    const auto count = static_cast<size_t>(file.gcount());
    hash = AddWords(hash, block.data(), count);
    bytes += count;
  }
  hash = AddWords(hash, reinterpret_cast<const char*>(&bytes), sizeof bytes);
  std::ostringstream digits;
  digits << std::hex << std::setfill('0') << std::setw(16) << hash;
  return digits.str();
}

}  // namespace

std::string Fingerprint(std::string_view bytes) {
  uint64_t hash = kBasis;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  std::ostringstream digits;
  digits << std::hex << hash;
  return digits.str();
}

std::string FileFingerprint(const std::string& path) {
  namespace fs = std::filesystem;
  using Version = std::tuple<std::string, uintmax_t, fs::file_time_type>;
  static std::mutex mutex;
  static std::map<Version, std::string> known;
  std::error_code failure;
  if (fs::is_directory(path, failure)) throw Error("cannot read '", path, "': ", std::strerror(EISDIR));
  const uintmax_t size = fs::file_size(path, failure);
  const auto time = failure ? fs::file_time_type() : fs::last_write_time(path, failure);
  if (failure) throw Error("cannot read '", path, "': ", failure.message());
  const std::lock_guard guard(mutex);
  std::string& fingerprint = known[{path, size, time}];
  if (fingerprint.empty()) fingerprint = Hash(path);
  return fingerprint;
}

}  // namespace links

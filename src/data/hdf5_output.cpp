#include "hdf5_output.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "links/core/error.h"

namespace links::hdf5 {

struct Output::State {
  struct Kept {
    haddr_t address;
    std::vector<char> bytes;
  };

  int descriptor = -1;
  haddr_t end = 0;         // of the bytes written
  int failure = 0;         // the system's first reason
  std::vector<Kept> kept;  // what came after it, in order

  ~State() {
    if (descriptor >= 0) ::close(descriptor);
  }

  void Write(haddr_t address, const char* bytes, size_t count) {
    end = std::max(end, address + count);
    const char* const first = bytes;
    for (size_t done = 0; failure == 0 && done < count;) {
      const ssize_t more =
          ::pwrite(descriptor, first + done, count - done, static_cast<off_t>(address + done));
      if (more < 0 && errno != EINTR) failure = errno;
      if (more > 0) done += static_cast<size_t>(more);
    }
    if (failure != 0) kept.push_back({address, {first, first + count}});
  }

  /// What was never written is zero.
  void Read(haddr_t address, char* bytes, size_t count) const {
    std::memset(bytes, 0, count);
    for (size_t done = 0; done < count;) {
      const ssize_t more =
          ::pread(descriptor, bytes + done, count - done, static_cast<off_t>(address + done));
      if (more == 0 || (more < 0 && errno != EINTR)) break;
      if (more > 0) done += static_cast<size_t>(more);
    }
    for (const Kept& part : kept) {
      const haddr_t from = std::max(address, part.address);
      const haddr_t to = std::min<haddr_t>(address + count, part.address + part.bytes.size());
      if (from < to) std::copy_n(&part.bytes[from - part.address], to - from, bytes + (from - address));
    }
  }

  void Resize(haddr_t size) {
    if (size == end) return;
    if (failure == 0 && ::ftruncate(descriptor, static_cast<off_t>(size)) != 0) failure = errno;
    end = size;
  }

  // HDF5 hands the state on to the open file through the access properties.
  struct Driver {
    H5FD_t base;  // first, as HDF5 wants it
    State* state;
    haddr_t allocated;
  };
  struct Passed {
    State* state;
  };

  static Driver& Of(H5FD_t* file) { return *reinterpret_cast<Driver*>(file); }
  static const Driver& Of(const H5FD_t* file) { return *reinterpret_cast<const Driver*>(file); }
  static hid_t Register();
};

hid_t Output::State::Register() {
  static const H5FD_class_t driver = [] {
    H5FD_class_t made{};
    made.name = "links output";
    made.maxaddr = (haddr_t{1} << 62) - 1;
    made.fc_degree = H5F_CLOSE_WEAK;
    made.fapl_size = sizeof(Passed);
    made.open = [](const char*, unsigned, hid_t access, haddr_t) -> H5FD_t* {
      const auto* passed = static_cast<const Passed*>(H5Pget_driver_info(access));
      return passed == nullptr ? nullptr : &(new Driver{{}, passed->state, 0})->base;
    };
    made.close = [](H5FD_t* file) -> herr_t {
      delete &Of(file);
      return 0;
    };
    made.query = [](const H5FD_t*, unsigned long* flags) -> herr_t {
      *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
               H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
      return 0;
    };
    made.get_eoa = [](const H5FD_t* file, H5FD_mem_t) { return Of(file).allocated; };
    made.set_eoa = [](H5FD_t* file, H5FD_mem_t, haddr_t address) -> herr_t {
      Of(file).allocated = address;
      return 0;
    };
    made.get_eof = [](const H5FD_t* file, H5FD_mem_t) { return Of(file).state->end; };
    made.read = [](H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t count, void* to) -> herr_t {
      Of(file).state->Read(address, static_cast<char*>(to), count);
      return 0;
    };
    made.write = [](H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t count,
                    const void* from) -> herr_t {
      Of(file).state->Write(address, static_cast<const char*>(from), count);
      return 0;
    };
    made.truncate = [](H5FD_t* file, hid_t, hbool_t) -> herr_t {
      Of(file).state->Resize(Of(file).allocated);
      return 0;
    };
    constexpr H5FD_mem_t kOneMap[] = H5FD_FLMAP_SINGLE;
    std::copy(std::begin(kOneMap), std::end(kOneMap), made.fl_map);
    return made;
  }();
  static const hid_t id = H5FDregister(&driver);
  return id;
}

Output::Output(const std::string& path, const std::string& name)
    : name_(name), state_(std::make_unique<State>()) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    throw Error("expected a plain file to write in '", name_, "', found a device, a pipe or a folder");
  state_->descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (state_->descriptor < 0) state_->failure = errno;
  Check();
}

Output::Output(const std::string& name) : name_(name), state_(std::make_unique<State>()) {
  state_->descriptor = ::memfd_create("links", MFD_CLOEXEC);
  if (state_->descriptor < 0) state_->failure = errno;
  Check();
}

Output::~Output() = default;

Handle Output::Create(const Handle& access) const {
  const State::Passed passed{state_.get()};
  if (H5Pset_driver(access.get(), State::Register(), &passed) < 0)
    throw Error("the HDF5 library takes no driver");
  // No times in the root group either: equal poses make equal files.
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.get(), false);
  Handle file(H5Fcreate(name_.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
  if (!file) throw Error("the HDF5 library cannot make '", name_, "'");
  return file;
}

void Output::Check() const {
  if (state_->failure != 0) throw Error("cannot write '", name_, "': ", std::strerror(state_->failure));
}

std::string Output::Bytes() const {
  Check();
  std::string bytes(state_->end, '\0');
  state_->Read(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace links::hdf5

#include <algorithm>
#include <set>
#include <vector>

#include "hdf5_file.h"
#include "hdf5_parts.h"
#include "hdf5_stored.h"
#include "links/core/error.h"

namespace links::hdf5 {
namespace {

constexpr int kMostDepth = 64;

/// Goes to every object of a file once, along hard links and references.
class Walk {
 public:
  Walk(const std::string& path, const PlainFile& bytes, TextHeap& heap)
      : path_(path), bytes_(bytes), heap_(heap) {}

  void Object(const Handle& object, const std::string& name, int depth) {
    if (depth > kMostDepth) Fail(name, "to nest at most ", kMostDepth, " deep, found more");
    H5O_info_t info;
    if (!object || H5Oget_info2(object.get(), &info, H5O_INFO_BASIC) < 0)
      Fail(name, "whole, found a damaged one");
    if (!seen_.insert(info.addr).second) return;
    Attributes(object, name);
    if (info.type == H5O_TYPE_GROUP) Group(object, name, depth);
    if (info.type == H5O_TYPE_DATASET) Set(object, name, depth);
  }

 private:
  template <class... Parts>
  [[noreturn]] void Fail(const std::string& name, const Parts&... parts) const {
    throw Error(path_, ": expected ", name.empty() ? "/" : name, " ", parts...);
  }

  void Group(const Handle& group, const std::string& name, int depth) {
    struct Link {
      std::string name;
      H5L_type_t type;
    };
    std::vector<Link> links;
    const auto add = [](hid_t, const char* link, const H5L_info_t* about, void* to) -> herr_t {
      static_cast<std::vector<Link>*>(to)->push_back({link, about->type});
      return 0;
    };
    if (H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &links) < 0)
      Fail(name, "whole, found a damaged group");
    for (const Link& link : links) {
      const std::string child = name + "/" + link.name;
      if (link.type == H5L_TYPE_SOFT) continue;  // what it names is gone to by itself
      if (link.type != H5L_TYPE_HARD) Fail(child, "in the file itself, found a link to another file");
      Object(Handle(H5Oopen(group.get(), link.name.c_str(), H5P_DEFAULT), H5Oclose), child, depth + 1);
    }
  }

  void Attributes(const Handle& object, const std::string& name) {
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* attribute, const H5A_info_t*, void* to) -> herr_t {
      static_cast<std::vector<std::string>*>(to)->emplace_back(attribute);
      return 0;
    };
    if (H5Aiterate2(object.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &names) < 0)
      Fail(name, "whole, found damaged attributes");
    for (const std::string& each : names) {
      const Handle attribute(H5Aopen(object.get(), each.c_str(), H5P_DEFAULT), H5Aclose);
      const Handle type(H5Aget_type(attribute.get()), H5Tclose);
      const Handle space(H5Aget_space(attribute.get()), H5Sclose);
      CheckLists(type, space, name,
                 [&](void* to) { return H5Aread(attribute.get(), HeapReferenceType(), to) >= 0; });
    }
  }

  void Set(const Handle& set, const std::string& name, int depth) {
    CheckStored(set.get(), bytes_.size(), Concat(path_, ": expected ", name));
    const Handle type(H5Dget_type(set.get()), H5Tclose), space(H5Dget_space(set.get()), H5Sclose);
    const auto read = [&](hid_t memory, void* to) {
      return H5Dread(set.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) >= 0;
    };
    CheckLists(type, space, name, [&](void* to) { return read(HeapReferenceType(), to); });
    if (H5Tget_class(type.get()) != H5T_REFERENCE) return;
    if (H5Tequal(type.get(), H5T_STD_REF_OBJ) <= 0) Fail(name, "to hold references to objects, found others");
    std::vector<hobj_ref_t> references(Count(space));
    if (!references.empty() && !read(H5T_STD_REF_OBJ, references.data()))
      Fail(name, "whole, found a damaged data set");
    for (const hobj_ref_t& reference : references) {
      if (reference == 0) continue;
      Object(Handle(H5Rdereference2(set.get(), H5P_DEFAULT, H5R_OBJECT, &reference), H5Oclose),
             name + " (a reference)", depth + 1);
    }
  }

  static size_t Count(const Handle& space) {
    return static_cast<size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space.get())));
  }

  /// Values of variable length, in an attribute or data set.
  template <class Read>
  void CheckLists(const Handle& type, const Handle& space, const std::string& name, Read read) {
    const H5T_class_t kind = H5Tget_class(type.get());
    const bool text = kind == H5T_STRING && H5Tis_variable_str(type.get()) > 0;
    size_t element = 1;
    if (kind == H5T_VLEN) {
      const Handle of(H5Tget_super(type.get()), H5Tclose);
      element = H5Tget_size(of.get());
      if (Composite(of)) Fail(name, "to hold plain lists, found lists of lists");
    } else if (!text) {
      const bool nested = (kind == H5T_COMPOUND || kind == H5T_ARRAY) && Composite(type);
      if (nested) Fail(name, "to hold plain numbers, found lists in them");
      return;
    }
    std::vector<HeapReference> references(Count(space));
    if (references.empty()) return;
    if (!read(references.data())) Fail(name, "whole, found damaged lists");
    try {
      for (const HeapReference& reference : references) heap_.Check(reference, element);
    } catch (const Error& error) {
      Fail(name, "to hold ", error.what());
    }
  }

  static bool Composite(const Handle& type) {
    return H5Tdetect_class(type.get(), H5T_VLEN) > 0 || H5Tis_variable_str(type.get()) > 0 ||
           (H5Tget_class(type.get()) != H5T_STRING && H5Tdetect_class(type.get(), H5T_STRING) > 0);
  }

  const std::string& path_;
  const PlainFile& bytes_;
  TextHeap& heap_;
  std::set<haddr_t> seen_;
};

}  // namespace

void File::CheckAll() const {
  const Silence silence;
  const Handle root(H5Oopen(parts_->file.get(), "/", H5P_DEFAULT), H5Oclose);
  Walk(path_, parts_->bytes, parts_->Heap()).Object(root, "", 0);
}

}  // namespace links::hdf5

#pragma once

#include <memory>

namespace links {

/// A value on the heap that is copied with its holder. The holder's header need only declare T, when the
/// holder's constructors, assignment and destructor are defined where T is known: what changes in T then
/// compiles anew what uses T, and not what uses the holder.
template <class T>
class Boxed {
 public:
  Boxed() : value_(std::make_unique<T>()) {}
  Boxed(const Boxed& other) : value_(std::make_unique<T>(*other)) {}
  Boxed& operator=(const Boxed& other) {
    *value_ = *other;
    return *this;
  }
  ~Boxed() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace links

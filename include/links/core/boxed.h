#pragma once

#include <memory>

namespace links {

/// A value on the heap that is copied with its holder. The holder's header need only declare T, where it says
/// `extern template class Boxed<T>;` and one source file, which knows T, `template class Boxed<T>;`: what
/// changes in T then compiles anew what uses T, and not what uses the holder.
template <class T>
class Boxed {
 public:
  Boxed();
  Boxed(const Boxed& other);
  Boxed& operator=(const Boxed& other);
  ~Boxed();

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

// Not in the class, where they would be inline, and compiled wherever they are used.
template <class T>
Boxed<T>::Boxed() : value_(std::make_unique<T>()) {}

template <class T>
Boxed<T>::Boxed(const Boxed& other) : value_(std::make_unique<T>(*other)) {}

template <class T>
Boxed<T>& Boxed<T>::operator=(const Boxed& other) {
  *value_ = *other;
  return *this;
}

template <class T>
Boxed<T>::~Boxed() = default;

}  // namespace links

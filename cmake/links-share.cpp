// Compiled into every program that uses the installed package: where its joint maps and configurations are.
// Weak: a program of several libraries that use the package has it more than once.
extern "C" [[gnu::weak]] const char* links_package_share();
extern "C" const char* links_package_share() {
  return LINKS_PACKAGE_SHARE;
}

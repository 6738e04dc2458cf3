#include <cstdlib>

namespace {

// OpenMP's threads spin for milliseconds at the end of a loop before they sleep. As soon as anything else runs on the
// machine a training step then waits for a thread that does not run: 20 to 70 times slower was seen. OpenMP reads its
// settings when it is loaded, which only what stands in .preinit_array comes before. A value set by the user stays.
void SpinBriefly(int, char**, char**) { setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0); }

[[gnu::section(".preinit_array"), gnu::used]] void (*const spin_briefly)(int, char**, char**) = SpinBriefly;

}  // namespace

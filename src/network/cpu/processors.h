#pragma once

// Makes a function once for each generation of x86 processors; which one runs is chosen when the program
// starts. ThreadSanitizer is not ready by then.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define LINKS_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "fma", "default")))
#else
#define LINKS_FOR_EACH_PROCESSOR
#endif

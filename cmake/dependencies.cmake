# What the libraries link besides LibTorch; included by the build and by the installed package.
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LINKS_CAIRO REQUIRED IMPORTED_TARGET cairo cairo-svg cairo-pdf)
pkg_search_module(LINKS_HDF5 REQUIRED IMPORTED_TARGET hdf5 hdf5-serial)
pkg_check_modules(LINKS_MATIO REQUIRED IMPORTED_TARGET matio zlib)

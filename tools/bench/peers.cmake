# Peers that `rollcall-bench run` measures against where they are installed (tools/fetch-peers). Without one
# the program says so in its rows.
find_path(ROLLCALL_FAISS_INCLUDE faiss/IndexFlat.h)
find_library(ROLLCALL_FAISS faiss)
find_package(OpenMP QUIET COMPONENTS CXX)
find_package(LAPACK QUIET)
if(ROLLCALL_FAISS_INCLUDE AND ROLLCALL_FAISS AND OpenMP_CXX_FOUND AND LAPACK_FOUND)
  target_sources(rollcall_bench PRIVATE speed/peers/faiss.cc)
  # Its headers are not as warning-free as ours.
  set_source_files_properties(speed/peers/faiss.cc PROPERTIES COMPILE_OPTIONS "-w;-fopenmp"
                                                   SKIP_PRECOMPILE_HEADERS ON)
  target_include_directories(rollcall_bench SYSTEM PRIVATE ${ROLLCALL_FAISS_INCLUDE})
  target_link_libraries(rollcall_bench PRIVATE ${ROLLCALL_FAISS} ${LAPACK_LIBRARIES}
                        $<LINK_ONLY:OpenMP::OpenMP_CXX>)
else()
  target_sources(rollcall_bench PRIVATE speed/peers/faiss_absent.cc)
endif()

find_path(ROLLCALL_HNSWLIB_INCLUDE hnswlib/hnswlib.h)
if(ROLLCALL_HNSWLIB_INCLUDE)
  target_sources(rollcall_bench PRIVATE speed/peers/hnsw.cc)
  set_source_files_properties(speed/peers/hnsw.cc PROPERTIES COMPILE_OPTIONS "-w"
                                                  SKIP_PRECOMPILE_HEADERS ON)
  target_include_directories(rollcall_bench SYSTEM PRIVATE ${ROLLCALL_HNSWLIB_INCLUDE})
else()
  target_sources(rollcall_bench PRIVATE speed/peers/hnsw_absent.cc)
endif()

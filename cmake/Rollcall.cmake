# One function per kind of target.
#
# Layering is enforced by include paths. A library `rollcall_ledger` (folder service/ledger) exports
# exactly one include root, in which only `ledger/` exists. `#include "ledger/ledger.h"` therefore
# compiles only in a target that links rollcall_ledger, and PRIVATE links do not leak headers.

add_library(rollcall_flags INTERFACE)
target_compile_options(rollcall_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror
                                                -pthread  # gRPC asks for it, and a PCH must be alike
                                                -fpch-preprocess  # what ccache needs beside a PCH
                                                $<$<CONFIG:RelWithDebInfo>:-O1>)
# GCC 12 reports overflows that cannot happen where it inlines std::string's operator+ (its bugs 105329
# and 105651, mended in 13). ASan watches the same accesses in the sanitizer builds.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(rollcall_flags INTERFACE -Wno-array-bounds -Wno-restrict
                                                  -Wno-stringop-overflow)
endif()
# -O2, not CMake's -O3: the time goes into OpenCV's and dlib's own kernels and into the gallery's, which
# ask for -O3 themselves; elsewhere -O3 makes the build longer and the program no faster.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# A test program's own code runs once: what it measures is in the libraries.
add_library(rollcall_test_flags INTERFACE)
target_compile_options(rollcall_test_flags INTERFACE $<$<CONFIG:Release>:-O1>)
target_link_libraries(rollcall_test_flags INTERFACE rollcall_flags)

if(ROLLCALL_SANITIZE)
  add_compile_options(-fsanitize=${ROLLCALL_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROLLCALL_SANITIZE})
  # GCC takes inlined library code for uninitialised once instrumentation is on.
  target_compile_options(rollcall_flags INTERFACE -Wno-maybe-uninitialized)
endif()

# Every line of ours tells the fuzzer what it reached. The warnings are GCC's business. vptr and function
# need instrumented libraries, which Debian's are not. Generated code and dlib's network are left out
# where they are defined: they are not what is tested, and they would double the build.
if(ROLLCALL_FUZZ)
  set(ROLLCALL_FUZZ_OPTIONS -fsanitize=fuzzer-no-link,address,undefined
      -fno-sanitize=vptr,function -fno-sanitize-recover=all)
  add_compile_options(-O1 -gline-tables-only -fno-omit-frame-pointer ${ROLLCALL_FUZZ_OPTIONS})
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(__SANITIZE_ADDRESS__)  # which GCC defines by itself
  target_compile_options(rollcall_flags INTERFACE -w)
endif()

# Two precompiled headers, of the standard library, abseil's status and (for tests) GoogleMock only:
# nothing of ours, so that they hide no missing include across layers. They halve the build.
add_library(rollcall_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cc)
target_link_libraries(rollcall_pch PRIVATE absl::statusor Threads::Threads rollcall_flags)
target_precompile_headers(rollcall_pch PRIVATE ${CMAKE_CURRENT_LIST_DIR}/pch.h)
if(ROLLCALL_TESTS)
  add_library(rollcall_test_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cc)
  target_link_libraries(rollcall_test_pch PRIVATE absl::statusor Threads::Threads GTest::gmock
                                                  rollcall_test_flags)
  target_precompile_headers(rollcall_test_pch PRIVATE ${CMAKE_CURRENT_LIST_DIR}/pch.h
                                                      <gmock/gmock.h> <gtest/gtest.h>)
endif()

# GCC writes a precompiled header differently each time, so ccache, which hashes it, would never hit.
# CCACHE_PCH_EXTSUM makes it hash FILE.gch.sum instead: here the hash of the same header preprocessed.
function(rollcall_pch_checksum TARGET)
  set(lines "")
  foreach(header ${ARGN})
    string(APPEND lines "#include ${header}\n")
  endforeach()
  set(folder ${CMAKE_BINARY_DIR}/CMakeFiles/${TARGET}.dir)
  file(WRITE ${folder}/checksum.cc "${lines}")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -pthread -E -P ${folder}/checksum.cc
                  OUTPUT_VARIABLE preprocessed RESULT_VARIABLE failed ERROR_QUIET)
  if(failed)  # the build will say why; without a checksum ccache reads the header itself
    return()
  endif()
  string(SHA256 hash "${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_CXX_FLAGS} ${CMAKE_BUILD_TYPE} \
${CMAKE_CXX_FLAGS_RELEASE} ${ROLLCALL_SANITIZE} ${ROLLCALL_FUZZ} ${preprocessed}")
  foreach(suffix gch pch)  # GCC's and clang's
    file(WRITE ${folder}/cmake_pch.hxx.${suffix}.sum "${hash}\n")
  endforeach()
endfunction()
rollcall_pch_checksum(rollcall_pch "\"${CMAKE_CURRENT_LIST_DIR}/pch.h\"")
if(ROLLCALL_TESTS)
  rollcall_pch_checksum(rollcall_test_pch "\"${CMAKE_CURRENT_LIST_DIR}/pch.h\"" <gmock/gmock.h>
                        <gtest/gtest.h>)
endif()

# Makes ${CMAKE_BINARY_DIR}/include/NAME/NAME a link to DIR and sets OUT to the root above it.
function(rollcall_include_root NAME DIR OUT)
  set(root ${CMAKE_BINARY_DIR}/include/${NAME})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${DIR} ${root}/${NAME} SYMBOLIC)
  set(${OUT} ${root} PARENT_SCOPE)
endfunction()

# rollcall_library(NAME SOURCES a.cc ... [PUBLIC lib ...] [PRIVATE lib ...])
# Folder name = NAME; target rollcall_NAME. PUBLIC: what its headers include.
function(rollcall_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target rollcall_${NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  rollcall_include_root(${NAME} ${CMAKE_CURRENT_SOURCE_DIR} root)
  target_include_directories(${target} PUBLIC ${root})
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} rollcall_flags)
  target_precompile_headers(${target} REUSE_FROM rollcall_pch)
endfunction()

# rollcall_program(NAME SOURCES a.cc ... LIBS lib ...)
function(rollcall_program NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} rollcall_flags)
  target_precompile_headers(${NAME} REUSE_FROM rollcall_pch)
endfunction()

# rollcall_test(NAME SOURCES a_test.cc ... LIBS lib ... [LABELS label ...])
# Labels: unit (default), integration, model (needs the model pack), shared (needs ../shared), crash.
function(rollcall_test NAME)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} rollcall_test_support GTest::gmock
                                        GTest::gtest_main rollcall_test_flags)
  target_precompile_headers(${NAME} REUSE_FROM rollcall_test_pch)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ROLLCALL_SANITIZE OR ROLLCALL_FUZZ)  # several times slower; what hangs is noticed all the same
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 3")
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME})
  set_tests_properties(${NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

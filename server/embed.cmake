# Files that travel inside the binary, by the assembler's .incbin.

# bz_incbin(OUT.S: symbol=path ...): for each, `const char <symbol>[]` and `const unsigned long <symbol>_len`.
function(bz_incbin output)
  set(text ".section .rodata\n")
  set(files "")
  foreach(pair ${ARGN})
    string(REGEX MATCH "^([^=]+)=(.*)$" _ "${pair}")
    set(symbol ${CMAKE_MATCH_1})
    set(path ${CMAKE_MATCH_2})
    list(APPEND files ${path})
    string(APPEND text ".global ${symbol}\n.global ${symbol}_len\n.balign 8\n${symbol}:\n.incbin \"${path}\"\n${symbol}_end:\n.byte 0\n"
      ".balign 8\n${symbol}_len: .quad ${symbol}_end - ${symbol}\n")
  endforeach()
  string(APPEND text ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${files}")
endfunction()

# Migrations server/store/sql/NNNN_name.sql: numbered from 0001 without a gap, or the build stops.
function(bz_embed_sql target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/store/sql/*.sql)
  list(SORT files)
  set(number 0)
  set(pairs "")
  set(externs "")
  set(rows "")
  foreach(file ${files})
    math(EXPR number "${number} + 1")
    get_filename_component(name ${file} NAME)
    string(SUBSTRING "000${number}" 0 -1 padded)
    string(LENGTH "${padded}" length)
    math(EXPR start "${length} - 4")
    string(SUBSTRING "${padded}" ${start} 4 padded)
    if(NOT name MATCHES "^${padded}_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "migration ${name}: expected number ${padded} (a gap, a duplicate or a wrong name)")
    endif()
    list(APPEND pairs "bz_sql_${padded}=${file}")
    string(APPEND externs "extern const char bz_sql_${padded}[];\n")
    string(APPEND rows "    { ${number}, \"${name}\", bz_sql_${padded} },\n")
  endforeach()
  bz_incbin(${CMAKE_BINARY_DIR}/generated/sql_blob.S ${pairs})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/sql_table.c CONTENT
"/* Made by embed.cmake. */
#include \"store/migrate.h\"
${externs}
const struct migration migrations[] = {
${rows}};
const int migrations_count = ${number};
" @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated/sql_blob.S ${CMAKE_BINARY_DIR}/generated/sql_table.c)
endfunction()

# The demo community's texts: admin/demo/*.txt, in the order that main cast comes first.
function(bz_embed_demo target)
  set(pairs "")
  foreach(name africa latam asia global library people talks)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/admin/demo/${name}.txt)
      list(APPEND pairs "bz_demo_${name}=${CMAKE_CURRENT_SOURCE_DIR}/admin/demo/${name}.txt")
    endif()
  endforeach()
  bz_incbin(${CMAKE_BINARY_DIR}/generated/demo_blob.S ${pairs})
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated/demo_blob.S)
endfunction()

function(bz_embed_openrpc target)
  bz_incbin(${CMAKE_BINARY_DIR}/generated/openrpc_blob.S "bz_openrpc=${CMAKE_SOURCE_DIR}/proto/openrpc.json")
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated/openrpc_blob.S)
endfunction()

# The web client: built by npm when its sources are newer, listed by dist/manifest.txt, compiled in as net's assets[].
function(bz_embed_client target)
  set(out ${CMAKE_BINARY_DIR}/generated/client)
  file(MAKE_DIRECTORY ${out})
  if(BARAZA_CLIENT)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/client-web/src/* ${CMAKE_SOURCE_DIR}/client-web/locales/*
      ${CMAKE_SOURCE_DIR}/client-web/public/*)
    add_custom_command(OUTPUT ${out}/assets.c ${out}/assets.S
      COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/embed_client.sh ${CMAKE_SOURCE_DIR}/client-web ${out}
      DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/client-web/package-lock.json ${CMAKE_SOURCE_DIR}/client-web/build.mjs
        ${CMAKE_CURRENT_SOURCE_DIR}/embed_client.sh
      COMMENT "Building the web client" VERBATIM)
  else()
    add_custom_command(OUTPUT ${out}/assets.c ${out}/assets.S
      COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/embed_client.sh - ${out}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/embed_client.sh VERBATIM)
  endif()
  target_sources(${target} PRIVATE ${out}/assets.c ${out}/assets.S)
endfunction()

// Larger matrix products by oneDNN (its C API, 2.x and 3.x), where the package is built with the trait `oneDNN`.
//
// A product runs on the thread that asks for it: the workers are the parallelism, and a sum that is split by the number
// of threads would not have the same bits everywhere. What oneDNN makes for a shape and its strides takes some 300 µs,
// so it is kept, a few hundred of them, for all threads.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "matmul_library.h"

#ifndef CK_ONEDNN

bool ck_has_library(void) { return false; }

bool ck_matmul_library(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                       long y_row, long y_column, void *out) {
  return false;
}

#else

#include <dlfcn.h>
#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// ---- one thread -----------------------------------------------------------------------------------------------------

typedef struct runtime {
  bool is_usable;
  dnnl_engine_t engine;
  // OpenMP's, of the library that oneDNN itself is linked to; null where it was built to run on one thread anyway.
  int (*threads)(void);
  void (*set_threads)(int);
} runtime;

static runtime shared;
static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void) {
  const dnnl_version_t *version = dnnl_version();
  if (version->major != DNNL_VERSION_MAJOR) return;
  if (version->cpu_runtime == DNNL_RUNTIME_OMP) {
    Dl_info info;
    if (!dladdr((const void *)dnnl_version, &info)) return;
    void *library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!library) return;
    shared.threads = (int (*)(void))dlsym(library, "omp_get_max_threads");
    shared.set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
    if (!shared.threads || !shared.set_threads) return;
  } else if (version->cpu_runtime != DNNL_RUNTIME_SEQ && version->cpu_runtime != DNNL_RUNTIME_THREADPOOL) {
    // There is no telling TBB from C to use one thread.
    return;
  }
  shared.is_usable = dnnl_engine_create(&shared.engine, dnnl_cpu, 0) == dnnl_success;
}

bool ck_has_library(void) {
  pthread_once(&started, start);
  return shared.is_usable;
}

/// Sets OpenMP's number of threads for this thread only, and returns what it was.
static int take_one_thread(void) {
  if (!shared.set_threads) return 0;
  int before = shared.threads();
  if (before != 1) shared.set_threads(1);
  return before;
}

static void give_back(int before) {
  if (before > 1) shared.set_threads(before);
}

// ---- one product ----------------------------------------------------------------------------------------------------

typedef struct shape {
  long m, n, k, x_row, x_column, y_row, y_column;
} shape;

/// What a running product needs for itself.
typedef struct place {
  dnnl_stream_t stream;
  dnnl_memory_t x, y, out, scratch;
  void *bytes;
  struct place *next;
} place;

typedef struct product {
  shape shape;
  bool is_kept;
  int users;
  uint64_t used;
  dnnl_primitive_t primitive;  // null where oneDNN has none that is faster than a plain loop
  place *idle;
} product;

static void free_place(place *p) {
  if (p->x) dnnl_memory_destroy(p->x);
  if (p->y) dnnl_memory_destroy(p->y);
  if (p->out) dnnl_memory_destroy(p->out);
  if (p->scratch) dnnl_memory_destroy(p->scratch);
  if (p->stream) dnnl_stream_destroy(p->stream);
  free(p->bytes);
  free(p);
}

static void free_product(product *p) {
  while (p->idle) {
    place *next = p->idle->next;
    free_place(p->idle);
    p->idle = next;
  }
  if (p->primitive) dnnl_primitive_destroy(p->primitive);
  free(p);
}

static place *make_place(dnnl_primitive_t primitive) {
  const_dnnl_primitive_desc_t description;
  if (dnnl_primitive_get_primitive_desc(primitive, &description) != dnnl_success) return NULL;
  place *p = calloc(1, sizeof *p);
  if (!p) return NULL;
#define MEMORY(field, what, handle)                                                                                 \
  (dnnl_memory_create(&p->field, dnnl_primitive_desc_query_md(description, what, 0), shared.engine, handle) ==       \
   dnnl_success)
  bool is_made = dnnl_stream_create(&p->stream, shared.engine, dnnl_stream_default_flags) == dnnl_success &&
                 MEMORY(x, dnnl_query_src_md, DNNL_MEMORY_NONE) && MEMORY(y, dnnl_query_weights_md, DNNL_MEMORY_NONE) &&
                 MEMORY(out, dnnl_query_dst_md, DNNL_MEMORY_NONE);
  size_t size = 0;
  if (is_made) size = dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
  if (is_made && size > 0 && posix_memalign(&p->bytes, 64, size) != 0) p->bytes = NULL, is_made = false;
  is_made = is_made && MEMORY(scratch, dnnl_query_scratchpad_md, p->bytes ? p->bytes : DNNL_MEMORY_NONE);
#undef MEMORY
  if (is_made) return p;
  free_place(p);
  return NULL;
}

// A description of a matrix is a value in 2.x and an object in 3.x.
#if DNNL_VERSION_MAJOR >= 3
#define DESCRIBE(d, sizes, strides) \
  (dnnl_memory_desc_create_with_strides(&(d), 2, sizes, dnnl_f32, strides) == dnnl_success)
#define FORGET(d) do { if (d) dnnl_memory_desc_destroy(d); } while (0)
#else
#define DESCRIBE(d, sizes, strides) \
  (dnnl_memory_desc_init_by_strides(&(d), 2, sizes, dnnl_f32, strides) == dnnl_success)
#define FORGET(d)
#endif

static bool describe_product(const shape *s, dnnl_primitive_attr_t settings, dnnl_primitive_desc_t *made) {
  dnnl_dims_t x_size = {s->m, s->k}, x_step = {s->x_row, s->x_column}, y_size = {s->k, s->n};
  dnnl_dims_t y_step = {s->y_row, s->y_column}, out_size = {s->m, s->n}, out_step = {s->n, 1};
  dnnl_memory_desc_t x = {0}, y = {0}, out = {0};
  bool is_made = DESCRIBE(x, x_size, x_step) && DESCRIBE(y, y_size, y_step) && DESCRIBE(out, out_size, out_step);
#if DNNL_VERSION_MAJOR >= 3
  is_made = is_made &&
            dnnl_matmul_primitive_desc_create(made, shared.engine, x, y, NULL, out, settings) == dnnl_success;
#else
  dnnl_matmul_desc_t operation;
  is_made = is_made && dnnl_matmul_desc_init(&operation, &x, &y, NULL, &out) == dnnl_success &&
            dnnl_primitive_desc_create(made, &operation, settings, shared.engine, NULL) == dnnl_success;
#endif
  FORGET(x);
  FORGET(y);
  FORGET(out);
  return is_made;
}

static product *make_product(const shape *s) {
  product *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->shape = *s;
  dnnl_primitive_attr_t settings;
  if (dnnl_primitive_attr_create(&settings) != dnnl_success) return p;
  dnnl_primitive_desc_t description;
  // Memory of the library's own would belong to the thread that made the primitive.
  if (dnnl_primitive_attr_set_scratchpad_mode(settings, dnnl_scratchpad_mode_user) == dnnl_success &&
      describe_product(s, settings, &description)) {
    const char *name = "";
    dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
    if (!strstr(name, "ref") && dnnl_primitive_create(&p->primitive, description) != dnnl_success) p->primitive = NULL;
    dnnl_primitive_desc_destroy(description);
  }
  dnnl_primitive_attr_destroy(settings);
  return p;
}

// ---- the products that are kept -------------------------------------------------------------------------------------

// A shape is kept in one of WAYS slots after its own.
enum { SLOTS = 256, WAYS = 8 };
static product *kept[SLOTS + WAYS];
static uint64_t uses;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t slot(const shape *s) {
  const long *values = &s->m;
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof *s / sizeof(long); i++) hash = (hash ^ (uint64_t)values[i]) * 0x9E3779B97F4A7C15u;
  return (size_t)(hash >> 32) % SLOTS;
}

/// A product for a shape, made where there is none, and a place for it to run.
static product *enter(const shape *s, place **found) {
  pthread_mutex_lock(&lock);
  product **first = &kept[slot(s)], **oldest = NULL, *p = NULL;
  for (int i = 0; i < WAYS && !p; i++) {
    product *other = first[i];
    if (other && memcmp(&other->shape, s, sizeof *s) == 0) p = other;
    else if (!other || other->users == 0)
      if (!oldest || (*oldest && (!other || other->used < (*oldest)->used))) oldest = &first[i];
  }
  if (!p && (p = make_product(s)) && oldest) {
    if (*oldest) free_product(*oldest);
    *oldest = p;
    p->is_kept = true;
  }
  *found = NULL;
  if (p) {
    p->users++;
    p->used = ++uses;
    if (p->idle) *found = p->idle, p->idle = p->idle->next;
  }
  pthread_mutex_unlock(&lock);
  if (p && p->primitive && !*found) *found = make_place(p->primitive);
  return p;
}

static void leave(product *p, place *used) {
  pthread_mutex_lock(&lock);
  if (used) used->next = p->idle, p->idle = used;
  bool is_last = --p->users == 0 && !p->is_kept;
  pthread_mutex_unlock(&lock);
  if (is_last) free_product(p);
}

/// One axis is dense, and the other steps over it or further.
static bool is_matrix(long rows, long columns, long row, long column) {
  return (column == 1 && row >= columns) || (row == 1 && column >= rows);
}

bool ck_matmul_library(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                       long y_row, long y_column, void *out) {
  if (type != CKTypeFloat32 || m < 2 || n < 2 || k < 2) return false;
  if (!is_matrix(m, k, x_row, x_column) || !is_matrix(k, n, y_row, y_column)) return false;
  if (!ck_has_library()) return false;
  int before = take_one_thread();
  shape s = {m, n, k, x_row, x_column, y_row, y_column};
  place *at;
  product *p = enter(&s, &at);
  bool is_done = false;
  if (at && dnnl_memory_set_data_handle(at->x, (void *)x) == dnnl_success &&
      dnnl_memory_set_data_handle(at->y, (void *)y) == dnnl_success &&
      dnnl_memory_set_data_handle(at->out, out) == dnnl_success) {
    dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, at->x}, {DNNL_ARG_WEIGHTS, at->y}, {DNNL_ARG_DST, at->out}, {DNNL_ARG_SCRATCHPAD, at->scratch}};
    is_done = dnnl_primitive_execute(p->primitive, at->stream, 4, arguments) == dnnl_success &&
              dnnl_stream_wait(at->stream) == dnnl_success;
  }
  if (p) leave(p, at);
  give_back(before);
  return is_done;
}

#endif

// What a chain reads: each input as rows, of which a tile gets a part where it lies, one row that is repeated, or a copy.
#ifndef CKERNELS_CHAIN_SOURCES_H
#define CKERNELS_CHAIN_SOURCES_H

#include <string.h>

#include "rows.h"

/// An input as rows that are as long as they can be: all of it where it is dense.
typedef struct {
  int rank;  // of the axes before the rows
  long length, step;
  long shape[CK_MAX_RANK], stride[CK_MAX_RANK];
  bool is_dense, is_scalar;
  /// How many rows one after the other are the same one; and of which of them, from where on, the register holds copies: −1 for
  /// none.
  long repeats, filled_row, filled_from, filled_count;
  /// Whether a row that is repeated can be read where it lies; whether it is the only one; whether all that is read therefore stays
  /// where it is; and which row lies where.
  bool is_row, is_one_row, is_fixed;
  long known_row;
  const char *known;
} source;

static void source_make(source *s, const ck_chain_input *input) {
  s->rank = -1;
  s->length = s->step = 1;
  s->filled_row = s->filled_from = s->known_row = -1;
  s->filled_count = 0;
  long dense = 1;
  // From the last axis to the first; axes in front of a merged one are written down in that order.
  for (int a = input->rank - 1; a >= 0; a--) {
    long size = input->shape[a], stride = input->strides ? input->strides[a] : dense;
    dense *= size;
    if (size == 1) continue;
    if (s->rank < 0) {
      s->rank = 0, s->length = size, s->step = stride;
    } else if (s->rank == 0 && stride == s->step * s->length) {
      s->length *= size;
    } else if (s->rank > 0 && stride == s->stride[s->rank - 1] * s->shape[s->rank - 1]) {
      s->shape[s->rank - 1] *= size;
    } else {
      s->shape[s->rank] = size, s->stride[s->rank++] = stride;
    }
  }
  bool is_single = s->rank < 0;
  if (is_single) s->rank = 0;
  s->repeats = 1;
  int repeated = 0;
  while (repeated < s->rank && s->stride[repeated] == 0) s->repeats *= s->shape[repeated++];
  s->is_one_row = repeated == s->rank;
  s->is_scalar = is_single || (repeated == s->rank && s->step == 0);
  s->is_dense = s->rank == 0 && s->step == 1;
}

/// Copies a row; those of 32 and 64 channels are short and many.
static inline void copy_row(char *to, const char *from, size_t bytes) {
  switch (bytes) {
    case 128: memcpy(to, from, 128); break;
    case 256: memcpy(to, from, 256); break;
    default: memcpy(to, from, bytes);
  }
}

/// Where the elements from `start` on are to be read, and with which step; they are brought together in `memory` if they
/// are not in one row.
static const char *read(source *s, const char *first, size_t size, long start, long n, char *memory, long *step) {
  *step = s->is_scalar ? 0 : 1;
  if (s->is_scalar) return first;
  if (s->is_dense) return first + start * (long)size;
  long row = start / s->length, within = start % s->length;
  const long own = row / s->repeats, last = (start + n - 1) / s->length / s->repeats;
  const bool is_row = s->is_row && own == last;
  if (is_row) *step = CK_REPEATED + s->length;
  if (is_row && s->known_row == own) return s->known;
  if (own == last && s->filled_row == own && s->filled_from == within && s->filled_count >= n) return memory;
  long index[CK_MAX_RANK], offset = 0;
  for (int a = 0; a < s->rank; a++) {
    index[a] = row % s->shape[a];
    row /= s->shape[a];
    offset += index[a] * s->stride[a];
  }
  if (is_row) {
    s->known_row = own;
    return s->known = first + offset * (long)size;
  }
  if (within + n <= s->length) {
    *step = s->step;
    return first + (offset + within * s->step) * (long)size;
  }
  s->filled_row = own == last ? own : -1;
  s->filled_from = within;
  s->filled_count = n;
  char *to = memory;
  CKType type = size == 8 ? CKTypeFloat64 : size == 4 ? CKTypeFloat32 : CKTypeBool;
  for (long left = n; left > 0; within = 0) {
    long count = s->length - within < left ? s->length - within : left;
    const char *from = first + (offset + within * s->step) * (long)size;
    if (s->step == 1)
      copy_row(to, from, (size_t)count * size);
    else
      ck_copy(type, 1, &count, from, &s->step, to, NULL);
    to += count * (long)size;
    left -= count;
    for (int a = 0; a < s->rank; a++) {
      offset += s->stride[a];
      if (++index[a] < s->shape[a]) break;
      offset -= s->stride[a] * s->shape[a];
      index[a] = 0;
    }
  }
  return memory;
}

static int operand_count(int kind) {
  switch (kind) {
    case CKInstructionKindPair:
    case CKInstructionKindSelect: return 3;
    case CKInstructionKindBinary:
    case CKInstructionKindCompare: return 2;
    default: return 1;
  }
}

/// Lets rows that are repeated be read where they lie, instead of as copies as long as a tile, where all that reads them can: sums and
/// products with dense operands or with such rows of the same length, in tiles of whole rows.
static void find_rows(const ck_chain_code *code, source *sources, long tile) {
  long length = 0;
  for (int r = 0; r < code->inputs; r++) {
    source *s = &sources[r];
    const ck_register *own = &code->all_registers[r];
    s->is_row = (own->type == CKTypeFloat32 || own->type == CKTypeFloat64) && !own->is_folded && !s->is_scalar && s->step == 1 &&
                s->repeats > 1 && s->length % CK_ROW_UNIT == 0 && tile * code->whole % s->length == 0 &&
                (length == 0 || s->length == length);
    if (s->is_row) length = s->length;
  }
  for (int j = 0; length > 0 && j < code->count; j++) {
    const ck_instruction *i = &code->instructions[j];
    const int operands = operand_count(i->kind);
    bool takes_rows = i->kind == CKInstructionKindPair ? i->function / CKPairSeconds != CKPairLess
                                                       : i->kind == CKInstructionKindBinary && i->function <= CKBinaryMultiply;
    int rows = 0;
    for (int o = 0; o < operands; o++) {
      const int r = i->operands[o];
      if (code->all_registers[r].is_folded) takes_rows = false;
      if (r >= code->inputs) continue;
      if (sources[r].is_row)
        rows++;
      else if (sources[r].is_scalar || sources[r].step != 1)
        takes_rows = false;
    }
    if (takes_rows && rows < operands) continue;
    for (int o = 0; o < operands; o++)
      if (i->operands[o] < code->inputs) sources[i->operands[o]].is_row = false;
  }
  for (int r = 0; r < code->inputs; r++) {
    source *s = &sources[r];
    s->is_fixed = s->is_scalar || (s->is_row && s->is_one_row);
  }
}

#endif

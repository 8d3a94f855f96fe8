// Chains of elementwise operations, run block by block so that what lies between them never leaves the cache.
#include <string.h>

#include "loops.h"
#include "rows.h"

// Elements of a block: 1 KiB of floats, so that some 30 registers fit the first-level cache.
#define BLOCK 256

static void cast_row(CKType from, CKType to, long n, const void *x, long step, void *out) {
  if (step == 1) {
    ck_cast(from, to, n, x, out);
  } else {
    for (long i = 0; i < n; i++)
      ck_cast(from, to, 1, (const char *)x + i * step * (long)ck_size(from), (char *)out + i * (long)ck_size(to));
  }
}

static void run(const ck_instruction *i, long n, const void **at, const long *step, void *out) {
  const void *x = at[i->operands[0]], *y = at[i->operands[1]];
  long xs = step[i->operands[0]], ys = step[i->operands[1]];
  switch (i->kind) {
    case CKInstructionKindUnary: ck_unary_row((CKUnary)i->function, i->from)(n, x, xs, out); break;
    case CKInstructionKindBinary: ck_binary_row((CKBinary)i->function, i->from)(n, x, xs, y, ys, out); break;
    case CKInstructionKindCompare: ck_comparison_row((CKComparison)i->function, i->from)(n, x, xs, y, ys, out); break;
    case CKInstructionKindSelect:
      ck_select_row(i->from, n, x, xs, y, ys, at[i->operands[2]], step[i->operands[2]], out);
      break;
    case CKInstructionKindCast: cast_row(i->from, i->to, n, x, xs, out); break;
  }
}

void ck_chain(int count, const ck_instruction *instructions, int rank, const long *shape, int inputs,
              const CKType *input_types, const void *const *input_pointers, const long *const *input_strides,
              int registers, void *const *outputs) {
  // The last operand is the dense output, so that rows are runs of it.
  const long *strides[CK_CHAIN_INPUTS + 1];
  for (int i = 0; i < inputs; i++) strides[i] = input_strides[i];
  strides[inputs] = NULL;
  ck_loop loop = ck_loop_make(rank, shape, inputs + 1, strides);
  if (loop.rows == 0) return;

  // A block is a piece of a long row, or several short rows.
  long together = loop.length < BLOCK ? BLOCK / loop.length : 1;
  if (together > loop.rows) together = loop.rows;
  bool is_scalar[CK_CHAIN_INPUTS], is_dense[CK_CHAIN_INPUTS], is_repeated[CK_CHAIN_INPUTS];
  for (int i = 0; i < inputs; i++) {
    bool still = true;
    for (int a = 0; a < loop.rank; a++) still = still && loop.stride[i][a] == 0;
    // Each row is the same row of this input; or its rows follow on each other, as the output's do.
    is_repeated[i] = still;
    is_scalar[i] = still && loop.step[i] == 0;
    is_dense[i] = loop.step[i] == 1;
    long next = loop.length;
    for (int a = loop.rank - 1; a >= 0; a--) {
      is_dense[i] = is_dense[i] && loop.stride[i][a] == next;
      next *= loop.shape[a];
    }
  }

  char memory[CK_CHAIN_REGISTERS][BLOCK * 8] __attribute__((aligned(64)));
  const void *at[CK_CHAIN_REGISTERS];
  long step[CK_CHAIN_REGISTERS];
  for (int r = 0; r < registers; r++) step[r] = 1;
  long index[CK_MAX_RANK] = {0}, offset[CK_OPERANDS] = {0};
  bool is_filled = false;
  for (long row = 0; row < loop.rows;) {
    long rows = together < loop.rows - row ? together : loop.rows - row;
    for (long start = 0; start < loop.length; start += BLOCK) {
      long length = loop.length - start < BLOCK ? loop.length - start : BLOCK, n = rows * length;
      long place = row * loop.length + start;
      for (int i = 0; i < inputs; i++) {
        long size = (long)ck_size(input_types[i]);
        const char *first = (const char *)input_pointers[i];
        if (is_scalar[i]) {
          at[i] = first;
          step[i] = 0;
        } else if (is_dense[i]) {
          at[i] = first + place * size;
        } else if (rows == 1) {
          at[i] = first + (offset[i] + start * loop.step[i]) * size;
          step[i] = loop.step[i];
        } else {
          // Short rows are brought together; the same rows again and again only once.
          at[i] = memory[i];
          step[i] = 1;
          if (is_repeated[i] && is_filled) continue;
          long ends[CK_MAX_RANK], moved[CK_OPERANDS];
          memcpy(ends, index, sizeof ends);
          memcpy(moved, offset, sizeof moved);
          for (long r = 0; r < rows; r++) {
            long row_shape[1] = {length}, row_stride[1] = {loop.step[i]};
            char *to = memory[i] + r * length * size;
            if (loop.step[i] == 1)
              memcpy(to, first + moved[i] * size, (size_t)(length * size));
            else
              ck_copy(input_types[i], 1, row_shape, first + moved[i] * size, row_stride, to, NULL);
            ck_loop_next(&loop, inputs + 1, ends, moved);
          }
        }
      }
      is_filled = true;
      for (int j = 0; j < count; j++) {
        int r = instructions[j].result;
        void *out = outputs[r] ? (char *)outputs[r] + place * (long)ck_size(instructions[j].to) : (void *)memory[r];
        at[r] = out;
        run(&instructions[j], n, at, step, out);
      }
    }
    for (long r = 0; r < rows; r++) ck_loop_next(&loop, inputs + 1, index, offset);
    row += rows;
  }
}

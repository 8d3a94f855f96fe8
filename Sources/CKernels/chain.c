// Chains of elementwise operations and folds, run tile by tile so that what lies between them never leaves the cache.
#include <string.h>

#include "chain_sources.h"
#include "steps.h"

ck_instruction ck_resolved(ck_instruction i) {
  i.row = NULL;
  switch (i.kind) {
    case CKInstructionKindUnary: i.row = (void (*)(void))ck_unary_row((CKUnary)i.function, i.from); break;
    case CKInstructionKindBinary: i.row = (void (*)(void))ck_binary_row((CKBinary)i.function, i.from); break;
    case CKInstructionKindPair: i.row = (void (*)(void))ck_pair_row(i.function, i.from); break;
    case CKInstructionKindCompare:
      i.row = (void (*)(void))(i.to == CKTypeBool ? ck_comparison_row((CKComparison)i.function, i.from)
                                                  : ck_indicator_row((CKComparison)i.function, i.from));
      break;
    default: break;
  }
  return i;
}

static void cast_row(CKType from, CKType to, long n, const void *x, long step, void *out) {
  if (step == 1) {
    ck_cast(from, to, n, x, out);
  } else {
    for (long i = 0; i < n; i++)
      ck_cast(from, to, 1, (const char *)x + i * step * (long)ck_size(from), (char *)out + i * (long)ck_size(to));
  }
}

/// Folds `outer` times all that belongs to an outer index, whose elements lie `step` apart.
static void fold(const ck_chain_code *code, const ck_instruction *i, long outer, const void *x, long step, void *out) {
  long shape[CK_MAX_RANK] = {outer}, strides[CK_MAX_RANK];
  bool folded[CK_MAX_RANK] = {false};
  for (int a = code->rank; a >= 0; a--) {
    strides[a] = step;
    if (a == 0) break;
    shape[a] = code->shape[a - 1], folded[a] = code->folded[a - 1];
    step *= shape[a];
  }
  ck_reduce((CKReduction)i->function, i->from, code->rank + 1, shape, x, strides, folded, out);
}

/// Writes what was kept of each outer index to all places that were folded to it.
static void spread(const ck_chain_code *code, CKType type, long outer, const void *x, void *out) {
  long shape[CK_MAX_RANK] = {outer}, strides[CK_MAX_RANK], step = 1;
  for (int a = code->rank; a > 0; a--) {
    shape[a] = code->shape[a - 1];
    strides[a] = code->folded[a - 1] ? 0 : step;
    if (!code->folded[a - 1]) step *= shape[a];
  }
  strides[0] = step;
  ck_copy(type, code->rank + 1, shape, x, strides, out, NULL);
}

/// A chain that runs: what is the same for all its tiles.
typedef struct {
  const ck_chain_code *code;
  const ck_chain_input *inputs;
  void *const *places;
  /// Outer indices in a tile, and in a part that one thread takes.
  long tile, grain;
  const source *sources;
  ck_shares scratch;
} run;

/// What the next tile will read or write of an array, and has not been brought near yet.
typedef struct {
  const char *first, *next;
  /// Bytes of an outer index, and the lines of a tile that are left.
  long each, lines;
  /// How many of them at a time.
  long share;
  /// Whether they come from beyond the second cache.
  bool is_far, is_written;
} ahead;

/// The arrays of which the next tile meets other parts: a tile is too short for the processor to see where they go on. Of large arrays
/// they are brought into the second cache, of others from there into the first; small ones are found by the processor.
static int look_ahead(const run *chain, ahead *all) {
  enum { SMALL = 1 << 16, LARGE = 1 << 20 };
  const ck_chain_code *code = chain->code;
  int count = 0;
  for (int r = 0; r < code->registers; r++) {
    const ck_register *array = &code->all_registers[r];
    const bool is_input = r < code->inputs;
    if (array->is_folded || (is_input ? !chain->sources[r].is_dense : array->place < 0)) continue;
    const long each = code->whole * (long)ck_size(array->type);
    if (code->all * each < (code->whole > 1 ? SMALL : LARGE)) continue;
    all[count++] = (ahead){.first = is_input ? chain->inputs[r].first : chain->places[array->place],
                           .each = each,
                           .share = (chain->tile * each + 63) / 64 / code->count + 1,
                           .is_far = code->all * each >= LARGE,
                           .is_written = !is_input};
  }
  return count;
}

/// Brings a few lines of each near. All at once would be more than the processor can wait for.
static void bring_near(ahead *all, int count) {
#define BRING(is_written, cache) \
  for (long l = 0; l < now; l++) __builtin_prefetch(a->next + 64 * l, is_written, cache)
  for (int i = 0; i < count; i++) {
    ahead *a = &all[i];
    const long now = a->lines < a->share ? a->lines : a->share;
    switch (2 * a->is_far + a->is_written) {
      case 0: BRING(0, 3); break;
      case 1: BRING(1, 3); break;
      case 2: BRING(0, 2); break;
      case 3: BRING(1, 2); break;
    }
    a->next += 64 * now;
    a->lines -= now;
  }
#undef BRING
}

/// Runs the tiles from `start` to `end`; `sources` remember what has been read.
static void tiles(const run *chain, source *sources, long start, long end, char *scratch) {
  const ck_chain_code *code = chain->code;
  const ck_register *registers = code->all_registers;
  const ck_chain_input *inputs = chain->inputs;
  void *const *places = chain->places;
  const long whole = code->whole;
  const void *at[CK_CHAIN_REGISTERS];
  long step[CK_CHAIN_REGISTERS];
  for (int r = code->inputs; r < code->registers; r++) step[r] = 1;
  ahead arrays[CK_CHAIN_REGISTERS];
  const int count = end - start > chain->tile ? look_ahead(chain, arrays) : 0;
  for (long o = start; o < end; o += chain->tile) {
    long outer = end - o < chain->tile ? end - o : chain->tile;
    for (int i = 0; i < code->inputs; i++) {
      if (o > start && sources[i].is_fixed) continue;
      long each = registers[i].is_folded ? code->kept : whole;
      at[i] = read(&sources[i], inputs[i].first, ck_size(registers[i].type), o * each, outer * each,
                   scratch + registers[i].offset, &step[i]);
    }
    for (int a = 0; a < count; a++) {
      arrays[a].next = arrays[a].first + (o + outer) * arrays[a].each;
      arrays[a].lines = o + outer < end ? (outer * arrays[a].each + 63) / 64 : 0;
    }
    for (int j = 0; j < code->count; j++) {
      bring_near(arrays, count);
      const ck_instruction *i = &code->instructions[j];
      const ck_register *result = &registers[i->result];
      long each = result->is_folded ? code->kept : whole, n = outer * each;
      void *out = result->place < 0 ? scratch + result->offset
                                    : (char *)places[result->place] + o * each * (long)ck_size(result->type);
      const void *x = at[i->operands[0]], *y = at[i->operands[1]];
      long xs = step[i->operands[0]], ys = step[i->operands[1]];
      at[i->result] = out;
      switch (i->kind) {
        case CKInstructionKindUnary: ((unary_row)i->row)(n, x, xs, out); break;
        case CKInstructionKindBinary:
        case CKInstructionKindCompare: ((binary_row)i->row)(n, x, xs, y, ys, out); break;
        case CKInstructionKindPair:
          ((pair_row)i->row)(n, x, xs, y, ys, at[i->operands[2]], step[i->operands[2]], out);
          break;
        case CKInstructionKindSelect:
          ck_select_row(i->from, n, x, xs, y, ys, at[i->operands[2]], step[i->operands[2]], out);
          break;
        case CKInstructionKindCast: cast_row(i->from, i->to, n, x, xs, out); break;
        case CKInstructionKindFold: fold(code, i, outer, x, xs, out); break;
        case CKInstructionKindSpread: spread(code, i->to, outer, x, out); break;
      }
    }
  }
}

static void part(void *context, long number) {
  run *chain = context;
  char *scratch = ck_shares_take(&chain->scratch);
  source sources[CK_CHAIN_INPUTS];
  memcpy(sources, chain->sources, (size_t)chain->code->inputs * sizeof(source));
  long start = number * chain->grain, end = start + chain->grain;
  tiles(chain, sources, start, end < chain->code->outer ? end : chain->code->outer, scratch);
  ck_shares_give(&chain->scratch, scratch);
}

void ck_chain(ck_pool *pool, const ck_chain_code *code, const ck_chain_input *inputs, void *const *places,
              void *scratch) {
  source sources[CK_CHAIN_INPUTS];
  run chain = {.code = code, .inputs = inputs, .places = places, .tile = code->tile, .sources = sources};
  for (int i = 0; i < code->inputs; i++) {
    source *s = &sources[i];
    source_make(s, &inputs[i]);
    // Tiles of whole rows let a row that is repeated be copied once.
    if (code->whole == 1 && s->repeats > 1 && !s->is_scalar && s->length > 0 && s->length < chain.tile)
      chain.tile -= chain.tile % s->length;
  }
  find_rows(code, sources, chain.tile);
  long count = (code->outer + chain.tile - 1) / chain.tile;
  if (code->shares == 1 || count < 2 || ck_pool_threads(pool) == 1)
    return tiles(&chain, sources, 0, code->outer, scratch);
  long parts = ck_parts(pool, code->shares);
  chain.grain = (count + parts - 1) / parts * chain.tile;
  chain.scratch = ck_shares_of(scratch, (size_t)code->scratch, code->shares);
  ck_pool_run(pool, (code->outer + chain.grain - 1) / chain.grain, part, &chain);
}

// Chains: elementwise operations and folds of one shape, run tile by tile so that what lies between them stays in the cache.
//
// The shape is taken as outer indices with `whole` elements each. A fold makes values with `kept` elements for each outer
// index, and spreading makes them whole again. A tile is a few outer indices with all that belongs to them.
#ifndef CKERNELS_CHAIN_H
#define CKERNELS_CHAIN_H

#include "CKernels.h"

/// What a pair (x a y) b z is of, beside sums, differences and products (CKBinary): a may be 1 where x < y and 0 elsewhere, with b a
/// product; b may be z − (x a y), or the ReLU or the square of x a y, whatever z.
enum { CKPairLess = 3, CKPairSubtractFrom = 3, CKPairRelu = 4, CKPairSquare = 5, CKPairSeconds = 6 };

/// One operation of a chain. Registers are numbered: the inputs first, then those that the chain computes.
typedef struct ck_instruction {
  /// What is done; `function` is the value of the matching enumeration.
  enum CK_CLOSED CKInstructionKind {
    CKInstructionKindUnary,
    CKInstructionKindBinary,
    CKInstructionKindPair,    // of floats; function: CKPairSeconds times the first operation, and the second
    CKInstructionKindCompare, // `to` may be the operands' type: ones and zeros
    CKInstructionKindSelect,
    CKInstructionKindCast,
    CKInstructionKindFold,    // function: CKReduction
    CKInstructionKindSpread,  // of a computed register
  } kind;
  uint32_t function;
  /// Of the operands (of the chosen ones in a selection), and of the result.
  CKType from, to;
  int32_t operands[3];
  int32_t result;
  /// The loop over a row that does it; `ck_resolved` puts it in.
  void (*row)(void);
} ck_instruction;

/// The instruction with its loop.
ck_instruction ck_resolved(ck_instruction instruction);

typedef struct ck_register {
  CKType type;
  /// With `kept` elements for each outer index.
  bool is_folded;
  /// In the scratch memory, in bytes; −1 where it has no place there.
  int64_t offset;
  /// Which of the chain's places it is written to, or −1.
  int32_t place;
} ck_register;

/// The most inputs and registers that a chain can have.
#define CK_CHAIN_INPUTS 24
#define CK_CHAIN_REGISTERS 96

typedef struct ck_chain_code {
  int32_t count, inputs, registers;
  const ck_instruction *instructions;
  const ck_register *all_registers;
  long outer, whole, kept;
  /// The outer indices of the arrays of which these are a part.
  long all;
  /// The axes that belong to an outer index, and which of them are folded.
  int32_t rank;
  const long *shape;
  const bool *folded;
  /// Outer indices in a tile.
  long tile;
  /// How many threads can run it at once, each with as much scratch memory as this, in bytes.
  long shares, scratch;
} ck_chain_code;

/// An input of a chain, of its own shape: the chain's, or that without the folded axes.
typedef struct ck_chain_input {
  const void *first;
  int rank;
  const long *shape;
  const long *strides;  // null: dense
} ck_chain_input;

/// Runs a chain; `places[i]` is where place i of the registers begins, `scratch` has room for the registers of each share.
void ck_chain(ck_pool *pool, const ck_chain_code *code, const ck_chain_input *inputs, void *const *places, void *scratch);

#endif

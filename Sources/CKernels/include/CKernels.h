// Loops over numbers. Nothing here knows of graphs, shapes or Swift.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "CKernelsRandom.h"

#endif

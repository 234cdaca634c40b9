#ifndef BELLM_CKERNELS_H
#define BELLM_CKERNELS_H

#include "activations.h"
#include "attention.h"
#include "dequantise.h"
#include "products.h"
#include "training.h"
#include "transformer.h"

#endif

// Any bytes as safetensors: read or refused by name, never a crash, and no view reaches beyond the file.
#include "causeway/nn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

// Of every element a view speaks of: a read outside the bytes is the sanitizer's to find.
static uint64_t sum(const cw_tensor_view *view) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < view->count; i++) {
        const unsigned char *at = view->floats  ? (const unsigned char *)(view->floats + i)
                                  : view->bytes ? (const unsigned char *)(view->bytes + i)
                                                : NULL;
        if (!at)
            break;
        for (size_t k = 0; k < (view->floats ? sizeof(float) : 1); k++)
            total += at[k];
    }
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_tensors *tensors = NULL;
    cw_error err = {0};
    cw_status status = cw_tensors_read("fuzz.safetensors", bytes, size, &tensors, &err);
    if (status != CW_OK) {
        require(tensors == NULL && err.text[0] != '\0');
        return 0;
    }
    uint32_t count = 0;
    const cw_tensor_view *all = cw_tensors_all(tensors, &count);
    static volatile uint64_t seen;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t elements = 1;
        require(all[i].rank <= 8);
        for (uint32_t k = 0; k < all[i].rank; k++)
            elements *= all[i].size[k];
        require(elements == all[i].count);
        const cw_tensor_view *found = cw_tensors_find(tensors, all[i].name);
        require(found != NULL);
        seen = seen + sum(&all[i]);
    }
    cw_tensors_free(tensors);
    return 0;
}

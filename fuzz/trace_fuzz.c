// Any bytes as a trace: read or refused, never a crash; what was read can be walked to its end.
#include "causeway/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_trace *trace = NULL;
    cw_error err = {0};
    if (cw_trace_read(bytes, size, "fuzz.mcap", &trace, &err) != CW_OK)
        return 0;
    volatile uint8_t sum = 0;
    for (uint32_t c = 0; c < cw_trace_channel_count(trace); c++) {
        int64_t before = 0;
        size_t row = cw_trace_row_size(trace, c);
        for (size_t i = 0; i < cw_trace_count(trace, c); i++) {
            cw_message message = cw_trace_message(trace, c, i);
            if (message.time_ns < before || (row > 0 && message.size % row != 0))
                abort();
            before = message.time_ns;
            for (size_t k = 0; k < message.size; k++)
                sum = (uint8_t)(sum + ((const uint8_t *)message.bytes)[k]);
        }
    }
    cw_trace_free(trace);
    return 0;
}

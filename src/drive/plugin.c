// Drivers of other people, in shared libraries.
#include "causeway/drive.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

cw_status cw_driver_open(const char *path, const cw_driver **driver, cw_error *err) {
    char local[4096];
    *driver = NULL;
    // A bare name is a file of this folder, not of the system's libraries.
    int length = snprintf(local, sizeof local, "%s%s", strchr(path, '/') ? "" : "./", path);
    if (length < 0 || (size_t)length >= sizeof local)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "the path is too long");
    void *library = dlopen(local, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot load the driver: %s", dlerror());
    const cw_driver_export *found = dlsym(library, "cw_driver_export_1");
    cw_status status = CW_OK;
    if (!found)
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0,
                              "no driver: the symbol cw_driver_export_1 is missing (CW_EXPORT_DRIVER makes it)");
    else if (found->abi != CW_DRIVER_ABI)
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver is of ABI version %u, this is version %u",
                              found->abi, (unsigned)CW_DRIVER_ABI);
    else if (found->driver_size != sizeof(cw_driver) || found->def_size != sizeof(cw_driver_def) ||
             found->obs_size != sizeof(cw_obs) || found->decision_size != sizeof(cw_decision))
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver was built with other headers");
    else if (!found->driver || !found->driver->name || !found->driver->state_size || !found->driver->reset ||
             !found->driver->decide)
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver lacks name, state_size, reset or decide");
    else if (!found->driver->save != !found->driver->restore)
        status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver has only one of save and restore");
    if (!found || status != CW_OK) {
        dlclose(library);
        return status;
    }
    *driver = found->driver; // the library stays for the life of the process: others hold its functions
    return CW_OK;
}

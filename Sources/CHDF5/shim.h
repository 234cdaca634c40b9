#include <hdf5.h>
#include <stdio.h>

// HDF5's type and property identifiers are macros that call H5open() first, and the file flags are
// macros with a comma operator: Swift imports neither, so each one used has a function here.
static inline hid_t bellm_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t bellm_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t bellm_h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t bellm_h5_c_string(void) { return H5T_C_S1; }
static inline hid_t bellm_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t bellm_h5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t bellm_h5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t bellm_h5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t bellm_h5_attribute_create(void) { return H5P_ATTRIBUTE_CREATE; }
static inline hid_t bellm_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t bellm_h5_default(void) { return H5P_DEFAULT; }
static inline hid_t bellm_h5_whole(void) { return H5S_ALL; }
static inline unsigned bellm_h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned bellm_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned bellm_h5_creation_order(void) { return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED; }
static inline hsize_t bellm_h5_unlimited(void) { return H5S_UNLIMITED; }
static inline haddr_t bellm_h5_no_address(void) { return HADDR_UNDEF; }

// In a thread-safe build every thread has an error stack of its own, so printing is switched off for
// the calling thread.
static inline void bellm_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

struct bellm_h5_text {
    char *bytes;
    size_t capacity;
};

static inline herr_t bellm_h5_keep_cause(unsigned depth, const H5E_error2_t *error, void *context) {
    struct bellm_h5_text *text = (struct bellm_h5_text *)context;
    if (depth == 0 && error->desc) snprintf(text->bytes, text->capacity, "%s", error->desc);
    return 0;
}

// The innermost message of the error stack: the cause. Empty where HDF5 gave none.
static inline void bellm_h5_last_error(char *bytes, size_t capacity) {
    struct bellm_h5_text text = {bytes, capacity};
    bytes[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, bellm_h5_keep_cause, &text);
}

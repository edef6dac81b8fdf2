package io.kledger.abi;

import java.util.HashMap;
import java.util.Map;

/**
 * Error numbers of x86-64 Linux, with the kernel's restart codes that strace shows. Where a number
 * has two names the one that strace prints is the name, the other is understood: errno(3).
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int EPIPE = 32;
  public static final int EDOM = 33;
  public static final int ERANGE = 34;
  public static final int EDEADLK = 35;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENOMSG = 42;
  public static final int EIDRM = 43;
  public static final int ECHRNG = 44;
  public static final int EL2NSYNC = 45;
  public static final int EL3HLT = 46;
  public static final int EL3RST = 47;
  public static final int ELNRNG = 48;
  public static final int EUNATCH = 49;
  public static final int ENOCSI = 50;
  public static final int EL2HLT = 51;
  public static final int EBADE = 52;
  public static final int EBADR = 53;
  public static final int EXFULL = 54;
  public static final int ENOANO = 55;
  public static final int EBADRQC = 56;
  public static final int EBADSLT = 57;
  public static final int EBFONT = 59;
  public static final int ENOSTR = 60;
  public static final int ENODATA = 61;
  public static final int ETIME = 62;
  public static final int ENOSR = 63;
  public static final int ENONET = 64;
  public static final int ENOPKG = 65;
  public static final int EREMOTE = 66;
  public static final int ENOLINK = 67;
  public static final int EADV = 68;
  public static final int ESRMNT = 69;
  public static final int ECOMM = 70;
  public static final int EPROTO = 71;
  public static final int EMULTIHOP = 72;
  public static final int EDOTDOT = 73;
  public static final int EBADMSG = 74;
  public static final int EOVERFLOW = 75;
  public static final int ENOTUNIQ = 76;
  public static final int EBADFD = 77;
  public static final int EREMCHG = 78;
  public static final int ELIBACC = 79;
  public static final int ELIBBAD = 80;
  public static final int ELIBSCN = 81;
  public static final int ELIBMAX = 82;
  public static final int ELIBEXEC = 83;
  public static final int EILSEQ = 84;
  public static final int ERESTART = 85;
  public static final int ESTRPIPE = 86;
  public static final int EUSERS = 87;
  public static final int ENOTSOCK = 88;
  public static final int EDESTADDRREQ = 89;
  public static final int EMSGSIZE = 90;
  public static final int EPROTOTYPE = 91;
  public static final int ENOPROTOOPT = 92;
  public static final int EPROTONOSUPPORT = 93;
  public static final int ESOCKTNOSUPPORT = 94;
  public static final int EOPNOTSUPP = 95;
  public static final int EPFNOSUPPORT = 96;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ENETRESET = 102;
  public static final int ECONNABORTED = 103;
  public static final int ECONNRESET = 104;
  public static final int ENOBUFS = 105;
  public static final int EISCONN = 106;
  public static final int ENOTCONN = 107;
  public static final int ESHUTDOWN = 108;
  public static final int ETOOMANYREFS = 109;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EHOSTDOWN = 112;
  public static final int EHOSTUNREACH = 113;
  public static final int EALREADY = 114;
  public static final int EINPROGRESS = 115;
  public static final int ESTALE = 116;
  public static final int EUCLEAN = 117;
  public static final int ENOTNAM = 118;
  public static final int ENAVAIL = 119;
  public static final int EISNAM = 120;
  public static final int EREMOTEIO = 121;
  public static final int EDQUOT = 122;
  public static final int ENOMEDIUM = 123;
  public static final int EMEDIUMTYPE = 124;
  public static final int ECANCELED = 125;
  public static final int ENOKEY = 126;
  public static final int EKEYEXPIRED = 127;
  public static final int EKEYREVOKED = 128;
  public static final int EKEYREJECTED = 129;
  public static final int EOWNERDEAD = 130;
  public static final int ENOTRECOVERABLE = 131;
  public static final int ERFKILL = 132;
  public static final int EHWPOISON = 133;
  public static final int EFTYPE = 134;

  public static final int ERESTARTSYS = 512;
  public static final int ERESTARTNOINTR = 513;
  public static final int ERESTARTNOHAND = 514;
  public static final int ENOIOCTLCMD = 515;
  public static final int ERESTART_RESTARTBLOCK = 516;
  public static final int EPROBE_DEFER = 517;
  public static final int ENOTSUPP = 524;

  private record Known(int number, String name, String text) {}

  private static final Known[] ALL = {
    new Known(1, "EPERM", "Operation not permitted"),
    new Known(2, "ENOENT", "No such file or directory"),
    new Known(3, "ESRCH", "No such process"),
    new Known(4, "EINTR", "Interrupted system call"),
    new Known(5, "EIO", "Input/output error"),
    new Known(6, "ENXIO", "No such device or address"),
    new Known(7, "E2BIG", "Argument list too long"),
    new Known(8, "ENOEXEC", "Exec format error"),
    new Known(9, "EBADF", "Bad file descriptor"),
    new Known(10, "ECHILD", "No child processes"),
    new Known(11, "EAGAIN", "Resource temporarily unavailable"),
    new Known(12, "ENOMEM", "Cannot allocate memory"),
    new Known(13, "EACCES", "Permission denied"),
    new Known(14, "EFAULT", "Bad address"),
    new Known(15, "ENOTBLK", "Block device required"),
    new Known(16, "EBUSY", "Device or resource busy"),
    new Known(17, "EEXIST", "File exists"),
    new Known(18, "EXDEV", "Invalid cross-device link"),
    new Known(19, "ENODEV", "No such device"),
    new Known(20, "ENOTDIR", "Not a directory"),
    new Known(21, "EISDIR", "Is a directory"),
    new Known(22, "EINVAL", "Invalid argument"),
    new Known(23, "ENFILE", "Too many open files in system"),
    new Known(24, "EMFILE", "Too many open files"),
    new Known(25, "ENOTTY", "Inappropriate ioctl for device"),
    new Known(26, "ETXTBSY", "Text file busy"),
    new Known(27, "EFBIG", "File too large"),
    new Known(28, "ENOSPC", "No space left on device"),
    new Known(29, "ESPIPE", "Illegal seek"),
    new Known(30, "EROFS", "Read-only file system"),
    new Known(31, "EMLINK", "Too many links"),
    new Known(32, "EPIPE", "Broken pipe"),
    new Known(33, "EDOM", "Numerical argument out of domain"),
    new Known(34, "ERANGE", "Numerical result out of range"),
    new Known(35, "EDEADLK", "Resource deadlock avoided"),
    new Known(36, "ENAMETOOLONG", "File name too long"),
    new Known(37, "ENOLCK", "No locks available"),
    new Known(38, "ENOSYS", "Function not implemented"),
    new Known(39, "ENOTEMPTY", "Directory not empty"),
    new Known(40, "ELOOP", "Too many levels of symbolic links"),
    new Known(42, "ENOMSG", "No message of desired type"),
    new Known(43, "EIDRM", "Identifier removed"),
    new Known(44, "ECHRNG", "Channel number out of range"),
    new Known(45, "EL2NSYNC", "Level 2 not synchronized"),
    new Known(46, "EL3HLT", "Level 3 halted"),
    new Known(47, "EL3RST", "Level 3 reset"),
    new Known(48, "ELNRNG", "Link number out of range"),
    new Known(49, "EUNATCH", "Protocol driver not attached"),
    new Known(50, "ENOCSI", "No CSI structure available"),
    new Known(51, "EL2HLT", "Level 2 halted"),
    new Known(52, "EBADE", "Invalid exchange"),
    new Known(53, "EBADR", "Invalid request descriptor"),
    new Known(54, "EXFULL", "Exchange full"),
    new Known(55, "ENOANO", "No anode"),
    new Known(56, "EBADRQC", "Invalid request code"),
    new Known(57, "EBADSLT", "Invalid slot"),
    new Known(59, "EBFONT", "Bad font file format"),
    new Known(60, "ENOSTR", "Device not a stream"),
    new Known(61, "ENODATA", "No data available"),
    new Known(62, "ETIME", "Timer expired"),
    new Known(63, "ENOSR", "Out of streams resources"),
    new Known(64, "ENONET", "Machine is not on the network"),
    new Known(65, "ENOPKG", "Package not installed"),
    new Known(66, "EREMOTE", "Object is remote"),
    new Known(67, "ENOLINK", "Link has been severed"),
    new Known(68, "EADV", "Advertise error"),
    new Known(69, "ESRMNT", "Srmount error"),
    new Known(70, "ECOMM", "Communication error on send"),
    new Known(71, "EPROTO", "Protocol error"),
    new Known(72, "EMULTIHOP", "Multihop attempted"),
    new Known(73, "EDOTDOT", "RFS specific error"),
    new Known(74, "EBADMSG", "Bad message"),
    new Known(75, "EOVERFLOW", "Value too large for defined data type"),
    new Known(76, "ENOTUNIQ", "Name not unique on network"),
    new Known(77, "EBADFD", "File descriptor in bad state"),
    new Known(78, "EREMCHG", "Remote address changed"),
    new Known(79, "ELIBACC", "Can not access a needed shared library"),
    new Known(80, "ELIBBAD", "Accessing a corrupted shared library"),
    new Known(81, "ELIBSCN", ".lib section in a.out corrupted"),
    new Known(82, "ELIBMAX", "Attempting to link in too many shared libraries"),
    new Known(83, "ELIBEXEC", "Cannot exec a shared library directly"),
    new Known(84, "EILSEQ", "Invalid or incomplete multibyte or wide character"),
    new Known(85, "ERESTART", "Interrupted system call should be restarted"),
    new Known(86, "ESTRPIPE", "Streams pipe error"),
    new Known(87, "EUSERS", "Too many users"),
    new Known(88, "ENOTSOCK", "Socket operation on non-socket"),
    new Known(89, "EDESTADDRREQ", "Destination address required"),
    new Known(90, "EMSGSIZE", "Message too long"),
    new Known(91, "EPROTOTYPE", "Protocol wrong type for socket"),
    new Known(92, "ENOPROTOOPT", "Protocol not available"),
    new Known(93, "EPROTONOSUPPORT", "Protocol not supported"),
    new Known(94, "ESOCKTNOSUPPORT", "Socket type not supported"),
    new Known(95, "EOPNOTSUPP", "Operation not supported"),
    new Known(96, "EPFNOSUPPORT", "Protocol family not supported"),
    new Known(97, "EAFNOSUPPORT", "Address family not supported by protocol"),
    new Known(98, "EADDRINUSE", "Address already in use"),
    new Known(99, "EADDRNOTAVAIL", "Cannot assign requested address"),
    new Known(100, "ENETDOWN", "Network is down"),
    new Known(101, "ENETUNREACH", "Network is unreachable"),
    new Known(102, "ENETRESET", "Network dropped connection on reset"),
    new Known(103, "ECONNABORTED", "Software caused connection abort"),
    new Known(104, "ECONNRESET", "Connection reset by peer"),
    new Known(105, "ENOBUFS", "No buffer space available"),
    new Known(106, "EISCONN", "Transport endpoint is already connected"),
    new Known(107, "ENOTCONN", "Transport endpoint is not connected"),
    new Known(108, "ESHUTDOWN", "Cannot send after transport endpoint shutdown"),
    new Known(109, "ETOOMANYREFS", "Too many references: cannot splice"),
    new Known(110, "ETIMEDOUT", "Connection timed out"),
    new Known(111, "ECONNREFUSED", "Connection refused"),
    new Known(112, "EHOSTDOWN", "Host is down"),
    new Known(113, "EHOSTUNREACH", "No route to host"),
    new Known(114, "EALREADY", "Operation already in progress"),
    new Known(115, "EINPROGRESS", "Operation now in progress"),
    new Known(116, "ESTALE", "Stale file handle"),
    new Known(117, "EUCLEAN", "Structure needs cleaning"),
    new Known(118, "ENOTNAM", "Not a XENIX named type file"),
    new Known(119, "ENAVAIL", "No XENIX semaphores available"),
    new Known(120, "EISNAM", "Is a named type file"),
    new Known(121, "EREMOTEIO", "Remote I/O error"),
    new Known(122, "EDQUOT", "Disk quota exceeded"),
    new Known(123, "ENOMEDIUM", "No medium found"),
    new Known(124, "EMEDIUMTYPE", "Wrong medium type"),
    new Known(125, "ECANCELED", "Operation canceled"),
    new Known(126, "ENOKEY", "Required key not available"),
    new Known(127, "EKEYEXPIRED", "Key has expired"),
    new Known(128, "EKEYREVOKED", "Key has been revoked"),
    new Known(129, "EKEYREJECTED", "Key was rejected by service"),
    new Known(130, "EOWNERDEAD", "Owner died"),
    new Known(131, "ENOTRECOVERABLE", "State not recoverable"),
    new Known(132, "ERFKILL", "Operation not possible due to RF-kill"),
    new Known(133, "EHWPOISON", "Memory page has hardware error"),
    new Known(134, "EFTYPE", "Inappropriate file type or format"),
    new Known(512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"),
    new Known(513, "ERESTARTNOINTR", "To be restarted"),
    new Known(514, "ERESTARTNOHAND", "To be restarted if no handler"),
    new Known(515, "ENOIOCTLCMD", "No ioctl command"),
    new Known(516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"),
    new Known(517, "EPROBE_DEFER", "Driver requests probe retry"),
    new Known(518, "EOPENSTALE", "Open found a stale dentry"),
    new Known(519, "ENOPARAM", "Parameter not supported"),
    new Known(521, "EBADHANDLE", "Illegal NFS file handle"),
    new Known(522, "ENOTSYNC", "Update synchronization mismatch"),
    new Known(523, "EBADCOOKIE", "Cookie is stale"),
    new Known(524, "ENOTSUPP", "Operation is not supported"),
    new Known(525, "ETOOSMALL", "Buffer or request is too small"),
    new Known(526, "ESERVERFAULT", "An untranslatable error occurred"),
    new Known(527, "EBADTYPE", "Type not supported by server"),
    new Known(528, "EJUKEBOX", "Request initiated, but will not complete before timeout"),
    new Known(529, "EIOCBQUEUED", "iocb queued, will get completion event"),
    new Known(530, "ERECALLCONFLICT", "Conflict with recalled state")
  };

  private static final Known[] BY_NUMBER = new Known[1024];
  private static final Map<String, Integer> BY_NAME = new HashMap<>();

  static {
    for (Known known : ALL) {
      BY_NUMBER[known.number] = known;
      BY_NAME.put(known.name, known.number);
    }
    BY_NAME.put("EWOULDBLOCK", EAGAIN);
    BY_NAME.put("ENOTSUP", EOPNOTSUPP);
    BY_NAME.put("EDEADLOCK", EDEADLK);
  }

  private Errno() {}

  /** The name of an error number; the number itself if it has none. */
  public static String name(int number) {
    Known known = number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    return known == null ? Integer.toString(number) : known.name;
  }

  /** What strerror(3) says; empty if nothing. */
  public static String text(int number) {
    Known known = number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    return known == null ? "" : known.text;
  }

  /** The number of a name, aliases included; -1 if there is no such error. */
  public static int number(String name) {
    return BY_NAME.getOrDefault(name, -1);
  }
}

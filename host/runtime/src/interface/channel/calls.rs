//! The functions of `channel` and `channel-async`, each with the right that it needs. `hostcalls` makes its list of such rows, and the imports of the folder are
//! made from them.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! channel_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            "channel" {
                ChannelChannelCreate = "channel.create" CHANNELS,
                ChannelChannelAttach = "channel.attach" CHANNELS,
                ChannelChannelShare = "channel.share" CHANNELS,
                ChannelChannelRevoke = "channel.revoke" CHANNELS,
                ChannelChannelNarrow = "channel.narrow" FREE,
                ChannelChannelAccess = "channel.access" FREE,
                ChannelChannelStrongWriter = "channel.strong-writer" WRITER,
                ChannelChannelWeakWriter = "channel.weak-writer" WRITER,
                ChannelChannelStrongReader = "channel.strong-reader" READER,
                ChannelChannelWeakReader = "channel.weak-reader" READER,
                ChannelChannelDrain = "channel.drain" CHANNELS,
                ChannelChannelTerminate = "channel.terminate" CHANNELS,
                ChannelChannelStats = "channel.stats" FREE,
                ChannelReaderRead = "reader.read" READER,
                ChannelReaderTryRead = "reader.try-read" READER,
                ChannelReaderReadWithin = "reader.read-within" READER,
                ChannelReaderReadPacked = "reader.read-packed" READER,
                ChannelReaderTryReadPacked = "reader.try-read-packed" READER,
                ChannelReaderPutBack = "reader.put-back" READER,
                ChannelReaderCommit = "reader.commit" FREE,
                ChannelReaderAttempt = "reader.attempt" FREE,
                ChannelReaderEndAtStop = "reader.end-at-stop" FREE,
                ChannelReaderIsStopped = "reader.is-stopped" FREE,
                ChannelReaderDowngrade = "reader.downgrade" FREE,
                ChannelWriterId = "writer.id" FREE,
                ChannelWriterWrite = "writer.write" WRITER,
                ChannelWriterTryWrite = "writer.try-write" WRITER,
                ChannelWriterWritePacked = "writer.write-packed" WRITER,
                ChannelWriterTryWritePacked = "writer.try-write-packed" WRITER,
                ChannelWriterWriteWith = "writer.write-with" WRITER,
                ChannelWriterTryWriteWith = "writer.try-write-with" WRITER,
                ChannelWriterIsUnread = "writer.is-unread" FREE,
                ChannelWriterChannelName = "writer.channel-name" FREE,
                ChannelWriterDowngrade = "writer.downgrade" FREE,
            }
            "channel-async" {
                ChannelAsyncWrite = "write" WRITER,
                ChannelAsyncWritePacked = "write-packed" WRITER,
                ChannelAsyncWriteWith = "write-with" WRITER,
                ChannelAsyncAwaitFrame = "await-frame" READER,
                ChannelAsyncAwaitRoom = "await-room" WRITER,
                ChannelAsyncAwaitUnread = "await-unread" FREE,
                ChannelAsyncWriteBytes = "write-bytes" WRITER,
                ChannelAsyncReadBytes = "read-bytes" READER,
                ChannelAsyncRead = "read" READER,
                ChannelAsyncReadPacked = "read-packed" READER,
            }
        }
    };
}

pub(crate) use channel_calls;
